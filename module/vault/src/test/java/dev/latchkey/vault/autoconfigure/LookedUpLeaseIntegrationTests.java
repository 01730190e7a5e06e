package dev.latchkey.vault.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.latchkey.test.BaoServer;
import dev.latchkey.test.internal.RecordingProxy;
import dev.latchkey.test.internal.database.DatabaseSecrets;
import dev.latchkey.test.internal.database.PostgresServer;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.Banner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;

/** References to engines other than KV. */
@ExtendWith(OutputCaptureExtension.class)
final class LookedUpLeaseIntegrationTests {

  private final BaoServer server = BaoServer.shared();
  private final PostgresServer database = PostgresServer.shared();
  private final DatabaseSecrets engine = DatabaseSecrets.mount(server, database);

  @Test
  void readsUsernameAndPasswordFromOneLeaseUntilTheApplicationStops(CapturedOutput output)
      throws Exception {
    Duration ttl = Duration.ofSeconds(2);
    String path = engine.role(ttl, Duration.ofHours(1));
    String user;
    String password;
    try (RecordingProxy proxy = RecordingProxy.before(server)) {
      try (ConfigurableApplicationContext context =
          run(
              "--latchkey.vault.uri=" + proxy.uri(),
              "--app.user=${vault@%s#username}".formatted(path),
              "--app.url=x?password=${vault@%s#password}".formatted(path))) {
        Environment environment = context.getEnvironment();
        user = environment.getRequiredProperty("app.user");
        password = environment.getRequiredProperty("app.url").substring("x?password=".length());
        Instant ended = Instant.now().plus(ttl);
        database.connect(user, password).close();

        await().until(() -> Instant.now().isAfter(ended.plusMillis(500)));
        database.connect(user, password).close();
        assertThat(proxy.requests())
            .filteredOn(request -> request.equals("GET /v1/" + path))
            .hasSize(1);
      }
    }
    assertThatThrownBy(() -> database.connect(user, password)).isInstanceOf(SQLException.class);
    assertThat(output)
        .containsOnlyOnce(path + " returns leased credentials (2s), and was read once at startup")
        .contains("configure a rotating secret with the reference vault@" + path)
        .doesNotContain(password);
  }

  @Test
  void warnsWhenALeaseReachesItsMaximumTtl(CapturedOutput output) {
    String path = engine.role(Duration.ofSeconds(2), Duration.ofSeconds(3));

    try (ConfigurableApplicationContext ignored =
        run("--app.user=${vault@%s#username}".formatted(path))) {
      await().until(() -> output.toString().contains("The lease of " + path + " expires at"));
    }
  }

  @Test
  void readsTheUsernameOfAStaticRole(CapturedOutput output) throws Exception {
    String path = engine.staticRole(Duration.ofMinutes(5));

    try (ConfigurableApplicationContext context =
        run(
            "--app.user=${vault@%s#username}".formatted(path),
            "--app.password=${vault@%s#password}".formatted(path))) {
      Environment environment = context.getEnvironment();
      database
          .connect(
              environment.getRequiredProperty("app.user"),
              environment.getRequiredProperty("app.password"))
          .close();
    }
    assertThat(output)
        .contains("returns the credentials of a static role, which the store rotates");
  }

  @Test
  void readsAnyPathWithFields() {
    String transit = server.mountTransit();
    server.post(transit + "/keys/shop", Map.of());

    try (ConfigurableApplicationContext context =
        run("--app.type=${vault@%s/keys/shop#type}".formatted(transit))) {
      assertThat(context.getEnvironment().getProperty("app.type")).isEqualTo("aes256-gcm96");
    }
  }

  @Test
  void usesNoFallbackAndGeneratesNothingWhenAbsenceIsNotReported(CapturedOutput output) {
    String creds = engine.mount() + "/creds/no-such-role";

    fails("--app.a=${vault@%s#username:fallback}".formatted(creds));
    fails("--app.b=${vault@%s?version=1#username}".formatted(creds));
    fails(
        "--app.c=${vault@%s?generate=32#no-such-field}"
            .formatted(engine.staticRole(Duration.ofMinutes(5))));

    assertThat(output)
        .contains("Property: app.a", "no-such-role")
        .contains("Property: app.b", "is of type 'database', which stores no versions")
        .contains("Property: app.c", "keeps no versions at");
  }

  private void fails(String argument) {
    assertThatException().isThrownBy(() -> run(argument).close());
  }

  private ConfigurableApplicationContext run(String... arguments) {
    SpringApplication application = new SpringApplication(Application.class);
    application.setWebApplicationType(WebApplicationType.NONE);
    application.setBannerMode(Banner.Mode.OFF);
    application.setDefaultProperties(
        Map.of(
            "latchkey.vault.uri", server.uri().toString(),
            "latchkey.vault.token", server.rootToken(),
            "spring.application.name", "shop"));
    return application.run(arguments);
  }

  @Configuration(proxyBeanMethods = false)
  @EnableAutoConfiguration
  static class Application {}
}
