package dev.latchkey.leaks;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;
import static org.awaitility.Awaitility.await;

import com.google.crypto.tink.InsecureSecretKeyAccess;
import com.google.crypto.tink.KeysetHandle;
import com.google.crypto.tink.aead.AesGcmKey;
import com.zaxxer.hikari.HikariDataSource;
import dev.latchkey.key.live.internal.KeysetRegistry;
import dev.latchkey.leaks.EverythingApplication.Events;
import dev.latchkey.leaks.EverythingApplication.Leaking;
import dev.latchkey.leaks.EverythingApplication.Uses;
import dev.latchkey.secret.RotatingSecret;
import dev.latchkey.test.internal.database.TableReaders;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.env.Environment;

/**
 * An application that uses everything, at TRACE and with every value shown, through every trouble:
 * nothing secret is seen anywhere.
 */
@ExtendWith(OutputCaptureExtension.class)
final class LeakSuiteIntegrationTests {

  private static Stage stage;

  private final Canaries canaries = new Canaries();
  private final Surfaces surfaces = new Surfaces();

  @BeforeAll
  static void prepare() {
    stage = Stage.start();
  }

  @AfterAll
  static void close() {
    stage.close();
  }

  @Test
  void showsNoSecretAnywhere(CapturedOutput output) throws Exception {
    Map<String, Object> properties = stage.properties(canaries);
    String bait = canaries.plant("bait");
    properties.put("app.bait", bait);
    surfaces.saw(new IllegalStateException("outer", new IllegalStateException(bait)));
    try (ConfigurableApplicationContext context =
        run(properties, EverythingApplication.class, Uses.class, Leaking.class)) {
      Uses uses = context.getBean(Uses.class);
      DataSource reports = context.getBean("reports", DataSource.class);
      follow(uses.leased);
      follow(uses.changed);
      useEverything(context);
      surfaces.lookAt(context);

      String second = canaries.plant("second payments");
      stage.write("payments", "x", second);
      await().until(() -> uses.payments.get("x").equals(second));
      refusePasswords(reports);
      revokeLogins(uses);
      loseServer(context);

      await().until(() -> uses.leased.current().version() > 2);
      assertThat(uses.changed.current().version()).isGreaterThan(2);
      surfaces.get("errors", Surfaces.root(context) + "/leak");
      assertThat(surfaces.get("errors", Surfaces.root(context) + "/fail"))
          .contains("SecretLookupException");
      surfaces.lookAt(context);
      context.getBean(Events.class).seen.forEach(event -> surfaces.saw("events", event));
    }
    surfaces.saw("log", output);

    assertThat(output.toString())
        .contains(
            "TRACE",
            "approle/login",
            "latchkey.hikari",
            "permission denied",
            "unavailable: sealed");
    assertThat(surfaces.seen().get("events")).contains("SecretRotated", "SecretRefreshFailed");
    assertThat(surfaces.seen().get("meters")).contains("latchkey.secret.age", "orders-db");
    assertThat(found())
        .as("what is leaked on purpose is found wherever it can be, and nothing else")
        .isEqualTo(
            Map.of(
                "beans", Set.of("bait"),
                "endpoints", Set.of("bait"),
                "errors", Set.of("bait"),
                "events", Set.of("bait"),
                "exceptions", Set.of("bait"),
                "jmx", Set.of("bait"),
                "log", Set.of("bait"),
                "meters", Set.of("bait"),
                "process", Set.of(),
                "threads", Set.of("bait")));
  }

  @Test
  void showsNoSecretWhenTheStartFails(CapturedOutput output) {
    Map<String, Object> properties = stage.properties(canaries);
    properties.put("app.bait", "not a secret");
    fails(properties, Map.of("app.generated", "${vault@nowhere/db#x}"));
    fails(properties, Map.of("app.generated", "${vault@%s/db#y}".formatted(stage.mount())));
    fails(
        properties,
        Map.of("latchkey.secrets.payments.reference", "vault@%s/no".formatted(stage.mount())));
    fails(properties, Map.of("latchkey.datasource.password-field", "none"));
    fails(properties, Map.of("spring.datasource.password", canaries.plant("password")));
    fails(
        properties, Map.of("latchkey.vault.app-role.secret-id", canaries.plant("wrong secret id")));
    fails(
        properties,
        Map.of(
            "latchkey.vault.authentication", "userpass",
            "latchkey.vault.userpass.username", "shop",
            "latchkey.vault.userpass.password", canaries.plant("password of userpass")));
    fails(
        properties,
        Map.of(
            "latchkey.vault.authentication",
            "token",
            "latchkey.vault.token",
            canaries.plant("token that nobody knows")));
    stage.seal();
    fails(properties, Map.of());
    stage.unseal();
    surfaces.saw("log", output);

    assertThat(surfaces.seen().get("exceptions"))
        .contains(
            "rejected the login", "rejected the token", "unavailable: sealed", "has no secret at");
    assertThat(output.toString()).contains("APPLICATION FAILED TO START");
    assertThat(found()).isEqualTo(Map.of("exceptions", Set.of(), "log", Set.of()));
  }

  private Map<String, Set<String>> found() {
    Map<String, Set<String>> found = new TreeMap<>();
    surfaces.seen().forEach((surface, text) -> found.put(surface, canaries.in(text)));
    return found;
  }

  private void follow(RotatingSecret credentials) {
    canaries.add("database password", credentials.get("password"));
    credentials.onRotation(version -> canaries.add("database password", version.get("password")));
  }

  private void useEverything(ConfigurableApplicationContext context) throws Exception {
    Environment environment = context.getEnvironment();
    assertThat(environment.getProperty("app.imported.x")).startsWith("canary-imported");
    canaries.add("generated", environment.getRequiredProperty("app.generated"));
    canaries.add("looked-up lease", environment.getRequiredProperty("app.lent"));
    Uses uses = context.getBean(Uses.class);
    byte[] plain = canaries.plant("plaintext").getBytes(UTF_8);
    byte[] bound = canaries.plant("associated data").getBytes(UTF_8);
    assertThat(uses.aead.decrypt(uses.aead.encrypt(plain, bound), bound)).isEqualTo(plain);
    KeysetHandle keys = context.getBean(KeysetRegistry.class).snapshot("orders").handle();
    for (int i = 0; i < keys.size(); i++) {
      AesGcmKey key = (AesGcmKey) keys.getAt(i).getKey();
      canaries.add("key", key.getKeyBytes().toByteArray(InsecureSecretKeyAccess.get()));
    }
    TableReaders.read(uses.orders);
    TableReaders.read(context.getBean("reports", DataSource.class));
  }

  /** The pool asks for the new password by itself; and fails when there is none that is right. */
  private void refusePasswords(DataSource reports) throws SQLException {
    HikariDataSource pool = reports.unwrap(HikariDataSource.class);
    stage.rotateStaticRole();
    pool.getHikariPoolMXBean().softEvictConnections();
    TableReaders.read(reports);
    stage.changePasswordBehindItsBack();
    pool.getHikariPoolMXBean().softEvictConnections();
    assertThatException().isThrownBy(() -> TableReaders.read(reports)).satisfies(surfaces::saw);
    stage.rotateStaticRole();
    await().ignoreExceptions().untilAsserted(() -> TableReaders.read(reports));
  }

  /** A session that is in use meanwhile is refused: its user ends with the login. */
  private void revokeLogins(Uses uses) throws SQLException {
    long version = uses.leased.current().version();
    try (Connection inUse = uses.orders.getConnection()) {
      TableReaders.read(inUse);
      stage.endLogins();
      await().untilAsserted(() -> assertRefused(inUse));
    }
    await().until(() -> uses.leased.current().version() > version);
    await().ignoreExceptions().untilAsserted(() -> TableReaders.read(uses.orders));
  }

  private void assertRefused(Connection session) {
    assertThatException().isThrownBy(() -> TableReaders.read(session)).satisfies(surfaces::saw);
  }

  private void loseServer(ConfigurableApplicationContext context) throws Exception {
    String rotation = Surfaces.root(context) + "/actuator/rotation/";
    List<Runnable> troubles = List.of(stage::pause, stage::seal);
    List<Runnable> ends = List.of(stage::resume, stage::unseal);
    for (int i = 0; i < troubles.size(); i++) {
      troubles.get(i).run();
      for (String name : List.of("payments", "orders-db", "orders")) {
        assertThat(surfaces.post("errors", rotation + name, "{\"action\":\"rotate\"}").statusCode())
            .isIn(409, 503);
      }
      assertThatException()
          .isThrownBy(
              () ->
                  context.getEnvironment().getProperty("vault@%s/later#x".formatted(stage.mount())))
          .withStackTraceContaining("StoreUnavailableException")
          .satisfies(surfaces::saw);
      ends.get(i).run();
      await()
          .until(
              () ->
                  surfaces
                          .post("errors", rotation + "payments", "{\"action\":\"rotate\"}")
                          .statusCode()
                      == 200);
    }
  }

  private void fails(Map<String, Object> properties, Map<String, Object> wrong) {
    Map<String, Object> all = new TreeMap<>(properties);
    all.putAll(wrong);
    assertThatException()
        .isThrownBy(() -> run(all, EverythingApplication.class, Uses.class).close())
        .satisfies(surfaces::saw);
  }

  private static ConfigurableApplicationContext run(
      Map<String, Object> properties, Class<?>... sources) {
    SpringApplication application = new SpringApplication(sources);
    application.setDefaultProperties(properties);
    return application.run();
  }
}
