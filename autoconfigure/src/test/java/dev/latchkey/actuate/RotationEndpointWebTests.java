package dev.latchkey.actuate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.google.crypto.tink.Aead;
import com.google.crypto.tink.InsecureSecretKeyAccess;
import com.google.crypto.tink.aead.AesGcmKey;
import dev.latchkey.LatchkeyException;
import dev.latchkey.StoreUnavailableException;
import dev.latchkey.key.KeysetId;
import dev.latchkey.key.document.KeysetErasure;
import dev.latchkey.key.document.KeysetStore;
import dev.latchkey.key.document.StoredDocument;
import dev.latchkey.key.live.internal.KeysetRegistry;
import dev.latchkey.key.rotation.RotationEvent;
import dev.latchkey.key.rotation.RotationRefusedException;
import dev.latchkey.key.rotation.internal.RotationService;
import dev.latchkey.memory.internal.MemoryKeyEncryptionKeys;
import dev.latchkey.memory.internal.MemoryKeysetStore;
import dev.latchkey.memory.internal.MemorySecretSource;
import dev.latchkey.store.Backend;
import dev.latchkey.store.StorePolicies;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.context.event.EventListener;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class RotationEndpointWebTests {

  private static final String UNRESTRICTED = "management.endpoint.rotation.access=unrestricted";

  private final JsonMapper json = new JsonMapper();
  private @Nullable ConfigurableApplicationContext application;

  @AfterEach
  void stop() {
    if (application != null) {
      application.close();
    }
  }

  @Test
  void showsStateOfEveryKeyset() throws Exception {
    start("latchkey.keysets.receipts.template=ED25519");
    JsonNode rotation = get("/actuator/rotation", 200);

    assertThat(rotation.at("/store/type").asString()).isEqualTo("memory");
    assertThat(Instant.parse(rotation.at("/freshness/lastProvedRead").asString()))
        .isBefore(Instant.now());
    assertThat(rotation.at("/freshness/state").asString()).isEqualTo("proven");
    assertThat(Duration.parse(rotation.at("/freshness/age").asString()))
        .isGreaterThanOrEqualTo(Duration.ZERO);
    assertThat(rotation.at("/keysets").propertyNames())
        .containsExactlyInAnyOrder("orders", "receipts");
    assertThat(rotation.at("/keysets/receipts/primitives").toString())
        .isEqualTo("[\"PublicKeySign\",\"PublicKeyVerify\"]");
    JsonNode orders = rotation.at("/keysets/orders");
    assertThat(get("/actuator/rotation/orders", 200).at("/keys")).isEqualTo(orders.at("/keys"));
    assertThat(orders.at("/owner").asString()).isEqualTo("application");
    assertThat(orders.at("/template").asString()).isEqualTo("AES256_GCM");
    assertThat(orders.at("/generation").asLong()).isEqualTo(1);
    assertThat(orders.at("/policy/period").asString()).isEqualTo("PT2160H");
    assertThat(orders.at("/policy/propagation").asString()).isEqualTo("PT0S");
    JsonNode active = orders.at("/keys/0");
    JsonNode spare = orders.at("/keys/1");
    assertThat(active.at("/state").asString()).isEqualTo("ACTIVE");
    assertThat(spare.at("/state").asString()).isEqualTo("PENDING");
    assertThat(active.at("/times").propertyNames()).containsExactly("pending", "active");
    assertThat(orders.at("/next/action").asString()).isEqualTo("promote");
    assertThat(orders.at("/next/key").asString()).isEqualTo(spare.at("/id").asString());
    assertThat(Instant.parse(orders.at("/next/at").asString()))
        .isEqualTo(Instant.parse(active.at("/times/active").asString()).plus(Duration.ofDays(90)));
  }

  @Test
  void listsPrimitivesInBeansEndpoint() throws Exception {
    start();

    assertThat(
            get("/actuator/beans", 200)
                .at("/contexts/application/beans/ordersAead/resource")
                .asString())
        .isEqualTo("latchkey.keysets.orders");
  }

  @Test
  void rotatesOnDemand() throws Exception {
    start(UNRESTRICTED);
    String spare = get("/actuator/rotation/orders", 200).at("/keys/1/id").asString();

    JsonNode performed = post("/actuator/rotation/orders", "{\"action\":\"rotate\"}", 200);

    assertThat(performed.at("/action").asString()).isEqualTo("rotate");
    assertThat(performed.has("risk")).isFalse();
    JsonNode keys = get("/actuator/rotation/orders", 200).at("/keys");
    assertThat(performed.at("/keyset/keys")).isEqualTo(keys);
    assertThat(keys.findValuesAsString("state")).containsExactly("RETIRED", "ACTIVE", "PENDING");
    assertThat(keys.at("/1/id").asString()).isEqualTo(spare);
  }

  @Test
  void refusesRotationThatIsNotAllowedYetUnlessForced() throws Exception {
    start(UNRESTRICTED, "latchkey.keysets.orders.rotation.propagation=24h");
    JsonNode refusal = post("/actuator/rotation/orders", "{\"action\":\"rotate\"}", 409);
    JsonNode spare = get("/actuator/rotation/orders", 200).at("/keys/1");
    Instant published = Instant.parse(spare.at("/times/pending").asString());
    assertThat(refusal.at("/error").asString())
        .isEqualTo(
            "Keyset orders: key %s was published at %s and can be promoted from %s on, when every instance knows it"
                .formatted(
                    spare.at("/id").asString(), published, published.plus(Duration.ofHours(24))));
    assertThat(Instant.parse(refusal.at("/allowedFrom").asString()))
        .isEqualTo(published.plus(Duration.ofHours(24)));
    assertThat(refusal.at("/fix").asString()).contains("\"force\": true");

    JsonNode forced =
        post("/actuator/rotation/orders", "{\"action\":\"rotate\",\"force\":true}", 200);
    assertThat(forced.at("/risk").asString()).isEqualTo(refusal.at("/error").asString());
    assertThat(forced.at("/keyset/generation").asLong()).isEqualTo(2);
  }

  @Test
  void rejectsInvalidRequests() throws Exception {
    start(UNRESTRICTED);
    for (JsonNode unknown :
        List.of(
            get("/actuator/rotation/odrers", 404),
            post("/actuator/rotation/odrers", "{\"action\":\"rotate\"}", 404))) {
      assertThat(unknown.at("/error").asString())
          .isEqualTo("There is no keyset or secret named 'odrers'");
      assertThat(unknown.at("/fix").asString()).isEqualTo("Did you mean 'orders'?");
    }
    assertThat(get("/actuator/rotation/completely-different", 404).at("/fix").asString())
        .startsWith("There are these: ");
    assertThat(
            post("/actuator/rotation/orders", "{\"action\":\"turn\"}", 400).at("/error").asString())
        .startsWith("Unknown action: expected one of \"rotate\", \"disable\"");
    assertThat(
            post("/actuator/rotation/orders", "{\"action\":\"rotate\",\"key\":\"1\"}", 400)
                .at("/error")
                .asString())
        .isEqualTo("\"rotate\" does not accept \"key\".");
    post("/actuator/rotation/orders", "{}", 400);
    assertThat(get("/actuator/rotation/orders", 200).at("/generation").asLong()).isEqualTo(1);
  }

  @Test
  void performsEveryActionOnGivenKey() throws Exception {
    start(UNRESTRICTED);
    post("/actuator/rotation/orders", "{\"action\":\"rotate\"}", 200);
    String old = get("/actuator/rotation/orders", 200).at("/keys/0/id").asString();

    assertThat(act("disable", old, 200)).isEqualTo("DISABLED");
    assertThat(act("enable", old, 200)).isEqualTo("RETIRED");
    assertThat(act("schedule-destroy", old, 200)).isEqualTo("DESTROY_SCHEDULED");
    assertThat(act("cancel-destroy", old, 200)).isEqualTo("RETIRED");
    assertThat(act("compromise", old, 200)).isEqualTo("COMPROMISED");
    act("compromise", old, 409);
    assertThat(
            post("/actuator/rotation/orders", "{\"action\":\"disable\"}", 400)
                .at("/error")
                .asString())
        .isEqualTo("\"disable\" requires \"key\", the id of a key.");
    act("disable", "first", 400);
  }

  private String act(String action, String key, int status) throws Exception {
    String body = "{\"action\":\"%s\",\"key\":\"%s\"}".formatted(action, key);
    return post("/actuator/rotation/orders", body, status).at("/keyset/keys/0/state").asString("");
  }

  @Test
  void isReadOnlyByDefault() throws Exception {
    start();
    get("/actuator/rotation", 200);
    post("/actuator/rotation/orders", "{\"action\":\"rotate\"}", 405);
    assertThat(get("/actuator/rotation/orders", 200).at("/generation").asLong()).isEqualTo(1);
  }

  @Test
  void isWritableWhenAccessOfAllEndpointsIsUnrestricted() throws Exception {
    start("management.endpoints.access.default=unrestricted");
    post("/actuator/rotation/orders", "{\"action\":\"rotate\"}", 200);
  }

  @Test
  void staysUpWhileStoreIsUnavailable() throws Exception {
    start(UNRESTRICTED, "management.endpoint.health.show-details=always");
    Outage.of(application()).begin();

    JsonNode refusal = post("/actuator/rotation/orders", "{\"action\":\"rotate\"}", 503);
    assertThat(refusal.at("/error").asString()).isEqualTo("The store is out");

    application().getBean(RotationService.class).refresh();
    assertThat(get("/actuator/rotation/orders", 200).at("/problem").asString())
        .isEqualTo("The store is out. Wait.");
    JsonNode health = get("/actuator/health", 200);
    assertThat(health.at("/status").asString()).isEqualTo("UP");
    assertThat(health.at("/components/latchkey/details/orders/problem").asString())
        .isEqualTo("The store is out. Wait.");
    assertThat(health.at("/components/latchkey/details/orders/freshness").propertyNames())
        .containsExactly("lastProvedRead", "age", "state");
    assertThat(get("/actuator/health/liveness", 200).toString()).doesNotContain("latchkey");
  }

  @Test
  void respondsWithReasonWhenStoreRefuses() throws Exception {
    start(UNRESTRICTED);
    Outage.of(application()).failure = new LatchkeyException("It is denied", "Allow it.");

    JsonNode refusal = post("/actuator/rotation/orders", "{\"action\":\"rotate\"}", 502);

    assertThat(refusal.at("/error").asString()).isEqualTo("It is denied");
    assertThat(refusal.at("/fix").asString()).isEqualTo("Allow it.");
  }

  @Test
  void showsUnprovenFreshnessWhenReadsAreNotProven() throws Exception {
    start(UNRESTRICTED, "management.endpoint.health.show-details=always");
    Outage.of(application()).proveNothing();
    application().getBean(RotationService.class).refresh();

    JsonNode rotation = get("/actuator/rotation", 200);
    assertThat(rotation.at("/freshness/state").asString()).isEqualTo("unproven");
    JsonNode orders = rotation.at("/keysets/orders");
    assertThat(orders.at("/freshness/state").asString()).isEqualTo("unproven");
    assertThat(orders.at("/next/blockedBy").asString())
        .isEqualTo("the last read is not proved to be the store's newest");
    JsonNode health = get("/actuator/health", 200);
    assertThat(health.at("/status").asString()).isEqualTo("UP");
    assertThat(health.at("/components/latchkey/details/orders/freshness/state").asString())
        .isEqualTo("unproven");

    assertThat(
            post("/actuator/rotation/orders", "{\"action\":\"rotate\",\"force\":true}", 503)
                .at("/error")
                .asString())
        .endsWith("returned a generation that is not proved to be its newest");
    assertThat(get("/actuator/rotation/orders", 200).at("/generation").asLong()).isEqualTo(1);
  }

  @Test
  void throwsWhenActionIsRefusedWithoutWebExtension() {
    start("latchkey.keysets.orders.rotation.propagation=24h");
    RotationEndpoint endpoint = application().getBean(RotationEndpoint.class);
    assertThatExceptionOfType(RotationRefusedException.class)
        .isThrownBy(() -> endpoint.perform("orders", "rotate", null, null));
  }

  @Test
  void registersMeters() throws Exception {
    start(UNRESTRICTED);
    Aead aead = application().getBean(KeysetRegistry.class).primitive("orders", Aead.class);
    byte[] first = aead.encrypt(new byte[3], new byte[0]);
    post("/actuator/rotation/orders", "{\"action\":\"rotate\"}", 200);
    aead.encrypt(new byte[3], new byte[0]);
    aead.decrypt(first, new byte[0]);
    application().getBean(RotationService.class).refresh();
    JsonNode keys = get("/actuator/rotation/orders", 200).at("/keys");
    assertThat(keys.at("/0/operations/protected").asLong()).isEqualTo(1);
    assertThat(keys.at("/0/operations/processed").asLong()).isEqualTo(1);
    assertThat(Instant.parse(keys.at("/0/operations/lastProcessed").asString()))
        .isBeforeOrEqualTo(Instant.now());
    assertThat(keys.at("/1/operations/protected").asLong()).isEqualTo(1);
    assertThat(keys.at("/1/operations").has("lastProcessed")).isFalse();
    Outage.of(application()).begin();
    application().getBean(RotationService.class).refresh();

    System.gc(); // clears weak references of the meters
    assertThat(meter("latchkey.keys?tag=state:retired")).isEqualTo(1);
    assertThat(meter("latchkey.keys?tag=state:active")).isEqualTo(1);
    assertThat(meter("latchkey.keys?tag=state:compromised")).isEqualTo(0);
    assertThat(meter("latchkey.rotations?tag=keyset:orders&tag=outcome:success")).isEqualTo(1);
    assertThat(meter("latchkey.rotations?tag=outcome:failure")).isEqualTo(0);
    assertThat(meter("latchkey.refreshes?tag=outcome:success")).isEqualTo(1);
    assertThat(meter("latchkey.refreshes?tag=outcome:failure")).isEqualTo(1);
    assertThat(meter("latchkey.operations?tag=operation:protect")).isEqualTo(2);
    assertThat(meter("latchkey.operations?tag=operation:process")).isEqualTo(1);
    assertThat(meter("latchkey.key.age")).isBetween(0.0, 60.0);
    assertThat(meter("latchkey.freshness")).isBetween(0.0, 60.0);
  }

  private double meter(String name) throws Exception {
    return get("/actuator/metrics/" + name, 200).at("/measurements/0/value").asDouble();
  }

  @Test
  void publishesApplicationEvents() throws Exception {
    start(UNRESTRICTED);
    post("/actuator/rotation/orders", "{\"action\":\"rotate\"}", 200);
    assertThat(application().getBean(Listener.class).events)
        .hasSize(5)
        .satisfies(
            events -> assertThat(events.get(0)).isInstanceOf(RotationEvent.KeysetCreated.class),
            events -> assertThat(events.get(1)).isInstanceOf(RotationEvent.KeysetRotated.class));
  }

  @Test
  void showsNoKeyBytes() throws Exception {
    start(UNRESTRICTED);
    post("/actuator/rotation/orders", "{\"action\":\"rotate\"}", 200);
    String shown = get("/actuator/rotation", 200).toString();
    var handle = application().getBean(KeysetRegistry.class).snapshot("orders").handle();
    for (int i = 0; i < handle.size(); i++) {
      byte[] key =
          ((AesGcmKey) handle.getAt(i).getKey())
              .getKeyBytes()
              .toByteArray(InsecureSecretKeyAccess.get());
      assertThat(shown)
          .doesNotContain(Base64.getEncoder().encodeToString(key))
          .doesNotContain(Base64.getUrlEncoder().withoutPadding().encodeToString(key))
          .doesNotContain(HexFormat.of().formatHex(key));
    }
  }

  private void start(String... properties) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "latchkey.store.type=memory",
                "latchkey.keysets.orders.template=AES256_GCM",
                "management.endpoints.web.exposure.include=*",
                "management.endpoint.health.probes.enabled=true",
                "server.port=0",
                "spring.main.banner-mode=off"));
    arguments.addAll(List.of(properties));
    application =
        SpringApplication.run(
            Application.class, arguments.stream().map("--"::concat).toArray(String[]::new));
  }

  private ConfigurableApplicationContext application() {
    return Objects.requireNonNull(application);
  }

  private JsonNode get(String path, int status) throws IOException, InterruptedException {
    return send(HttpRequest.newBuilder(uri(path)).GET().build(), status);
  }

  private JsonNode post(String path, String body, int status)
      throws IOException, InterruptedException {
    return send(
        HttpRequest.newBuilder(uri(path))
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body))
            .build(),
        status);
  }

  private JsonNode send(HttpRequest request, int status) throws IOException, InterruptedException {
    HttpResponse<String> response =
        HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
    assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
    return json.readTree(response.body().isEmpty() ? "null" : response.body());
  }

  private URI uri(String path) {
    var server = ((WebServerApplicationContext) application()).getWebServer();
    return URI.create("http://localhost:%d%s".formatted(server.getPort(), path));
  }

  @Configuration(proxyBeanMethods = false)
  @EnableAutoConfiguration
  @Import(Listener.class)
  static class Application {

    @Bean
    Backend backend() {
      return new Backend(
          "memory",
          false,
          new Outage(new MemoryKeysetStore(Clock.systemUTC())),
          new MemoryKeysetStore(Clock.systemUTC()),
          new MemoryKeysetStore(Clock.systemUTC()),
          new MemoryKeyEncryptionKeys(),
          KeysetErasure.nothingLeft(),
          new MemorySecretSource(),
          StorePolicies.NONE,
          () -> {});
    }
  }

  static class Listener {

    private final List<RotationEvent> events = new CopyOnWriteArrayList<>();

    @EventListener
    void on(RotationEvent event) {
      events.add(event);
    }
  }

  /** A store that is unavailable, or whose reads are not proven, when a test requests it. */
  private static final class Outage implements KeysetStore {

    private final KeysetStore store;
    private volatile @Nullable LatchkeyException failure;
    private volatile boolean provesNothing;

    private Outage(KeysetStore store) {
      this.store = store;
    }

    private static Outage of(ConfigurableApplicationContext application) {
      return (Outage) application.getBean(Backend.class).keysets();
    }

    private void begin() {
      failure = new StoreUnavailableException("The store is out", "Wait.");
    }

    private void proveNothing() {
      provesNothing = true;
    }

    @Override
    public Optional<StoredDocument> load(KeysetId keyset) {
      requireAnswer();
      return store.load(keyset).map(stored -> provesNothing ? unproved(stored) : stored);
    }

    private static StoredDocument unproved(StoredDocument stored) {
      return new StoredDocument(
          stored.content(), stored.generation(), stored.createdAt(), stored.readAt(), false);
    }

    @Override
    public StoredDocument save(KeysetId keyset, String content, long expectedGeneration) {
      requireAnswer();
      return store.save(keyset, content, expectedGeneration);
    }

    @Override
    public String location(KeysetId keyset) {
      return store.location(keyset);
    }

    private void requireAnswer() {
      LatchkeyException refusal = failure;
      if (refusal != null) {
        throw refusal;
      }
    }
  }
}
