package dev.latchkey.vault.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;

import dev.latchkey.test.BaoServer;
import dev.latchkey.test.internal.RecordingProxy;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.Banner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.logging.LoggingSystem;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;

/** References in properties against a real server. */
@ExtendWith(OutputCaptureExtension.class)
class LookupIntegrationTests {

  private final BaoServer server = BaoServer.shared();
  private final String mount = server.mountKv(2);

  @Test
  void looksUpATextANumberAndAVersion() {
    write("db", Map.of("password", "${x} #{1+1} \\", "port", 5432));
    write("db", Map.of("password", "new", "port", 5433));

    try (ConfigurableApplicationContext context =
        run(
            "--app.new=${vault@" + mount + "/db#password}",
            "--app.old=${vault@" + mount + "/db?version=1#password}",
            "--app.port=${vault@" + mount + "/db#port}",
            "--app.none=${vault@" + mount + "/none#x:fallback}")) {
      assertThat(context.getEnvironment().getProperty("app.new")).isEqualTo("new");
      assertThat(context.getEnvironment().getProperty("app.old")).isEqualTo("${x} #{1+1} \\");
      assertThat(context.getEnvironment().getProperty("app.port")).isEqualTo("5433");
      assertThat(context.getEnvironment().getProperty("app.none")).isEqualTo("fallback");
    }
  }

  @Test
  void looksUpInAMountWithSeveralSegmentsAndInKvVersion1() {
    String deep = server.newName("team") + "/a/kv";
    server.mountKv(deep, 1);
    server.post(deep + "/db", Map.of("password", "v1"));

    try (ConfigurableApplicationContext context =
        run("--app.password=${vault@" + deep + "/db#password}")) {
      assertThat(context.getEnvironment().getProperty("app.password")).isEqualTo("v1");
    }
  }

  @Test
  void sendsFewMoreRequestsWhenTwentyPathsAreRead() {
    List<String> arguments = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      write("p" + i, Map.of("x", "value-" + i, "y", "other"));
      arguments.add("--app.x%d=${vault@%s/p%d#x}".formatted(i, mount, i));
      arguments.add("--app.y%d=${vault@%s/p%d#y}".formatted(i, mount, i));
    }
    try (RecordingProxy proxy = RecordingProxy.before(server)) {
      arguments.add("--latchkey.vault.uri=" + proxy.uri());

      try (ConfigurableApplicationContext context = run(arguments.toArray(String[]::new))) {
        assertThat(context.getEnvironment().getProperty("app.x7")).isEqualTo("value-7");
      }
      assertThat(proxy.requests()).hasSizeLessThanOrEqualTo(23);
    }
  }

  @Test
  void agreesOnOneGeneratedValueWhenManyInstancesStartAtOnce() throws Exception {
    write("shared", Map.of("user", "app"));
    String argument = "--app.password=${vault@" + mount + "/shared?generate=32#password}";
    ExecutorService instances = Executors.newFixedThreadPool(4);
    // applications that start at the same time in one JVM would share one logging system
    System.setProperty(LoggingSystem.SYSTEM_PROPERTY, LoggingSystem.NONE);
    try {
      Callable<String> start =
          () -> {
            try (ConfigurableApplicationContext context = run(argument)) {
              return context.getEnvironment().getRequiredProperty("app.password");
            }
          };
      Set<String> values = new HashSet<>();
      for (Future<String> value : instances.invokeAll(Collections.nCopies(4, start))) {
        values.add(value.get());
      }

      assertThat(values).hasSize(1);
      assertThat(server.get(mount + "/data/shared").at("/data/data/password").stringValue())
          .isEqualTo(values.iterator().next())
          .hasSize(32);
      assertThat(server.get(mount + "/data/shared").at("/data/data/user").stringValue())
          .isEqualTo("app");
    } finally {
      System.clearProperty(LoggingSystem.SYSTEM_PROPERTY);
      instances.shutdownNow();
    }
  }

  @Test
  void failsToGenerateInKvVersion1(CapturedOutput output) {
    String unversioned = server.mountKv(1);
    server.post(unversioned + "/db", Map.of("user", "app"));

    fails("--app.password=${vault@" + unversioned + "/db?generate=32#password}");
    fails("--app.other=${vault@" + unversioned + "/none?generate=32#password}");

    assertThat(output)
        .contains("Property: app.password")
        .contains("Property: app.other")
        .contains("KV v2");
  }

  @Test
  void printsThePolicyLineWhenPermissionIsDenied(CapturedOutput output) {
    write("db", Map.of("password", "canary-3e7a"));
    String token = server.token(server.policy("path \"sys/none\" { capabilities = [\"read\"] }"));

    fails(
        "--latchkey.vault.token=" + token,
        "--app.password=${vault@" + mount + "/db#password:fallback}");

    assertThat(output)
        .contains("Property: app.password")
        .contains("Reference: vault@" + mount + "/db#password")
        .contains(mount + "/data/db")
        .contains("capabilities = [\"read\"]")
        .doesNotContain("canary-3e7a")
        .doesNotContain(token);
  }

  @Test
  void doesNotFallBackWhenTheSecretWasDeleted(CapturedOutput output) {
    write("db", Map.of("password", "canary-3e7a"));
    server.delete(mount + "/data/db");

    fails("--app.password=${vault@" + mount + "/db?generate=32#password}");
    fails("--app.other=${vault@" + mount + "/db#password:fallback}");

    assertThat(output)
        .contains("Property: app.password")
        .contains("Property: app.other")
        .contains("undelete");
  }

  @Test
  void failsWhenTheMountDoesNotExist(CapturedOutput output) {
    fails("--app.password=${vault@no-such-mount/db#password:fallback}");

    assertThat(output).contains("Property: app.password").contains("no-such-mount");
  }

  @Test
  void failsWhenTheTokenIsRejected(CapturedOutput output) {
    fails(
        "--latchkey.vault.token=hvs.canary-3e7a",
        "--app.password=${vault@" + mount + "/db#password:fallback}");

    assertThat(output).contains("Property: app.password").doesNotContain("hvs.canary-3e7a");
  }

  private void write(String path, Map<String, ?> fields) {
    server.post(mount + "/data/" + path, Map.of("data", fields));
  }

  private void fails(String... arguments) {
    assertThatException().isThrownBy(() -> run(arguments).close());
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
