package dev.latchkey.actuate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.key.KeyDestruction.Fence;
import dev.latchkey.key.KeysetId;
import dev.latchkey.key.document.KeysetErasure;
import dev.latchkey.key.document.OperatorNeededException;
import dev.latchkey.key.rotation.RotationEvent;
import dev.latchkey.key.rotation.internal.RotationService;
import dev.latchkey.memory.internal.MemoryKeyEncryptionKeys;
import dev.latchkey.memory.internal.MemoryKeysetStore;
import dev.latchkey.memory.internal.MemorySecretSource;
import dev.latchkey.store.Backend;
import dev.latchkey.store.StorePolicies;
import dev.latchkey.test.MutableClock;
import jakarta.servlet.Filter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.security.Principal;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.event.EventListener;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Tests for the destruction of keys over HTTP. */
class RotationEndpointEndOfLifeTests {

  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

  private final JsonMapper json = new JsonMapper();
  private ConfigurableApplicationContext application;
  private String user = "alice";

  @BeforeEach
  void start() {
    application =
        SpringApplication.run(
            Application.class,
            "--latchkey.store.type=memory",
            "--latchkey.keysets.orders.template=AES256_GCM",
            "--latchkey.rotation.max-clock-difference=36500d", // the store has a clock of its own
            "--management.endpoints.web.exposure.include=*",
            "--management.endpoint.rotation.access=unrestricted",
            "--server.port=0",
            "--spring.main.banner-mode=off");
  }

  @AfterEach
  void stop() {
    application.close();
  }

  @Test
  void refusesActionWithAllowedTimeWhenItIsTooEarly() throws Exception {
    String key = firstKey();
    assertThat(act("destroy", key, 409).at("/error").asString())
        .isEqualTo("Keyset orders: key %s is ACTIVE, not scheduled for destruction".formatted(key));
    act("rotate", null, 200);
    assertThat(act("destroy", key, 409).at("/error").asString()).contains("is RETIRED");
    act("schedule-destroy", key, 200);
    JsonNode refusal = act("destroy", key, 409);
    assertThat(refusal.at("/allowedFrom").asString()).isEqualTo("2026-01-08T00:00:00Z");
    assertThat(refusal.at("/error").asString())
        .contains("can be destroyed from 2026-01-08T00:00:00Z on");
    assertThat(act("destroy", "7", 409).at("/error").asString()).contains("there is no key 7");
    act("destroy", null, 400);
    assertThat(act("restore", null, 409).at("/error").asString())
        .isEqualTo("Keyset orders: the store holds generation 3, and nothing in memory is newer");
    act("restore", key, 400);
  }

  @Test
  void refusesDestructionWhenKeyIsStillReferenced() throws Exception {
    application.getBean(RotationService.class).addReferences("orders", (keyset, key) -> 3);
    String key = firstKey();
    act("rotate", null, 200);
    assertThat(act("schedule-destroy", key, 409).at("/error").asString())
        .isEqualTo("Keyset orders: 3 references are still encrypted with key " + key);
  }

  @Test
  void returnsOperatorCommandsAndThenReceipt() throws Exception {
    String key = firstKey();
    act("rotate", null, 200);
    act("schedule-destroy", key, 200);
    application.getBean(MutableClock.class).advance(Duration.ofDays(7));

    JsonNode begun = act("destroy", key, 202);
    assertThat(begun.at("/keyset/keys/0/state").asString()).isEqualTo("DESTROYED");
    JsonNode open = send("GET", null, 200).at("/keys/0/destruction");
    assertThat(open).isEqualTo(begun.at("/keyset/keys/0/destruction"));
    assertThat(open.at("/waitsFor/commands/0").asString()).isEqualTo("vault write -f there");
    assertThat(open.at("/waitsFor/reason").asString()).isEqualTo("The rest is not done");
    assertThat(open.at("/by").asString()).isEqualTo("alice");
    assertThat(open.has("receipt")).isFalse();

    application.getBean(Erasure.class).done = true;
    user = "bob";
    JsonNode destroyed = act("destroy", key, 200).at("/keyset/keys/0/destruction");
    assertThat(destroyed.has("waitsFor")).isFalse();
    assertThat(destroyed.at("/by").asString()).as("who requested it first").isEqualTo("alice");
    assertThat(destroyed.at("/receipt/verifiedAt").asString()).isEqualTo("2026-01-08T00:00:00Z");
    assertThat(destroyed.at("/receipt/evidence/0").asString()).isEqualTo("It is gone.");
    assertThat(destroyed.at("/receipt/beyondReach/0").asString()).isEqualTo("backups");
    assertThat(application.getBean(Listener.class).events)
        .filteredOn(RotationEvent.KeyDestroyed.class::isInstance)
        .hasSize(1);
    assertThat(act("destroy", key, 409).at("/error").asString()).contains("was destroyed");
  }

  private String firstKey() throws Exception {
    return send("GET", null, 200).at("/keys/0/id").asString();
  }

  private JsonNode act(String action, String key, int status) throws Exception {
    String named = key == null ? "" : ",\"key\":\"%s\"".formatted(key);
    return send("POST", "{\"action\":\"%s\"%s}".formatted(action, named), status);
  }

  private JsonNode send(String method, String body, int status) throws Exception {
    var server = ((WebServerApplicationContext) application).getWebServer();
    HttpResponse<String> response =
        HttpClient.newHttpClient()
            .send(
                HttpRequest.newBuilder(
                        URI.create(
                            "http://localhost:%d/actuator/rotation/orders"
                                .formatted(server.getPort())))
                    .header("Content-Type", "application/json")
                    .header("X-User", user)
                    .method(
                        method,
                        body == null
                            ? HttpRequest.BodyPublishers.noBody()
                            : HttpRequest.BodyPublishers.ofString(body))
                    .build(),
                HttpResponse.BodyHandlers.ofString());
    assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
    return json.readTree(response.body());
  }

  @Configuration(proxyBeanMethods = false)
  @EnableAutoConfiguration
  static class Application {

    @Bean
    MutableClock storeClock() {
      return new MutableClock(START);
    }

    @Bean
    Erasure erasure() {
      return new Erasure();
    }

    /** Simulates an authenticated user. */
    @Bean
    Filter users() {
      return (request, response, chain) ->
          chain.doFilter(
              new HttpServletRequestWrapper((HttpServletRequest) request) {
                @Override
                public Principal getUserPrincipal() {
                  return () -> getHeader("X-User");
                }
              },
              response);
    }

    @Bean
    Listener listener() {
      return new Listener();
    }

    @Bean
    Backend backend(MutableClock storeClock, Erasure erasure) {
      return new Backend(
          "memory",
          false,
          new MemoryKeysetStore(storeClock),
          new MemoryKeysetStore(storeClock),
          new MemoryKeysetStore(storeClock),
          new MemoryKeyEncryptionKeys(),
          erasure,
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

  /** Requires an operator. */
  static class Erasure implements KeysetErasure {

    private volatile boolean done;

    @Override
    public String fence(KeysetId keyset, byte[] wrapped) {
      return "";
    }

    @Override
    public boolean isBeyond(String retained, byte[] wrapped) {
      return true;
    }

    @Override
    public Erased erase(KeysetId keyset, Fence fence, boolean onTrust) {
      if (!done) {
        throw new OperatorNeededException("The rest is not done", List.of("vault write -f there"));
      }
      return Erased.from(List.of("It is gone."), "backups");
    }
  }
}
