package dev.latchkey.compatibility;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.crypto.tink.Aead;
import dev.latchkey.annotation.RotatingKey;
import dev.latchkey.test.BaoServer;
import dev.latchkey.test.internal.RecordingProxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.Banner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.cloud.context.config.annotation.RefreshScope;
import org.springframework.cloud.context.refresh.ContextRefresher;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.vault.core.VaultTemplate;

/** Tests Latchkey together with Spring Cloud Vault and Spring Cloud Context on one server. */
@ExtendWith(OutputCaptureExtension.class)
final class SpringCloudIntegrationTests {

  private final BaoServer server = BaoServer.shared();
  private final String mount = server.mountKv(2);
  private final String transit = server.mountTransit();

  @TempDir private Path directory;

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void keepsValuesWhenSpringCloudRefreshes(boolean bootstrap, CapturedOutput output)
      throws Exception {
    write("ours", "first");
    write("imported", "first");
    write("theirs", "first");
    try (RecordingProxy proxy = RecordingProxy.before(server);
        ConfigurableApplicationContext context = run(proxy, bootstrap)) {
      Aead aead = context.getBean(Encrypting.class).aead;
      byte[] ciphertext = aead.encrypt("text".getBytes(UTF_8), new byte[0]);
      assertThat(context.getBean(Refreshed.class).values())
          .isEqualTo("ours=first imported=first theirs=first");
      assertThat(context.getBean(App.class).getOurs()).isEqualTo("first");
      assertThat(context.getBean(VaultTemplate.class).read(mount + "/data/ours")).isNotNull();

      write("ours", "second");
      write("imported", "second");
      write("theirs", "second");
      Files.writeString(
          directory.resolve("application.properties"),
          "\napp.plain=changed\n",
          StandardOpenOption.APPEND);
      assertThat(context.getBean(ContextRefresher.class).refresh())
          .contains(bootstrap ? "theirs" : "app.plain");

      assertThat(context.getBean(Refreshed.class).values())
          .isEqualTo("ours=first imported=first theirs=second");
      assertThat(context.getBean(App.class).getOurs()).isEqualTo("first");
      assertThat(context.getBean(App.class).getPlain()).isEqualTo(bootstrap ? "plain" : "changed");
      assertThat(context.getEnvironment().getProperty("app.ours")).isEqualTo("first");
      assertThat(context.getEnvironment().getProperty("app.none", "none")).isEqualTo("none");
      assertThat(aead.decrypt(ciphertext, new byte[0])).isEqualTo("text".getBytes(UTF_8));
      aead.encrypt("again".getBytes(UTF_8), new byte[0]);

      int asked = proxy.requests().size();
      context.getBean(ContextRefresher.class).refresh();
      assertThat(context.getBean(Refreshed.class).values())
          .isEqualTo("ours=first imported=first theirs=second");
      assertThat(proxy.requests().size() - asked).isLessThan(12);
    }
    // Spring Cloud logs this for every record that properties are bound to
    assertThat(output.toString().lines().filter(line -> line.contains("Exception")))
        .allMatch(line -> line.matches(".*(Failed to instantiate|wrong number of arguments).*"));
  }

  private void write(String path, String value) {
    server.post(mount + "/data/" + path, Map.of("data", Map.of(path, value)));
  }

  private ConfigurableApplicationContext run(RecordingProxy proxy, boolean bootstrap)
      throws Exception {
    String theirs =
        """
        spring.application.name=shop
        spring.cloud.vault.uri=%s
        spring.cloud.vault.token=%s
        spring.cloud.vault.kv.backend=%s
        spring.cloud.vault.kv.application-name=theirs
        spring.cloud.vault.config.lifecycle.enabled=false
        """
            .formatted(server.uri(), server.rootToken(), mount);
    Files.writeString(directory.resolve("bootstrap.properties"), theirs);
    Files.writeString(
        directory.resolve("application.properties"),
        theirs
            + """
            spring.config.import=latchkey:%1$s/imported?prefix=app.%2$s
            app.ours=${vault@%1$s/ours#ours}
            app.plain=plain
            latchkey.vault.uri=%3$s
            latchkey.vault.token=%4$s
            latchkey.store.vault.mount=%1$s
            latchkey.store.vault.transit-mount=%5$s
            latchkey.keysets.orders.template=AES256_GCM
            """
                .formatted(
                    mount, bootstrap ? "" : ",vault://", proxy.uri(), server.rootToken(), transit));
    SpringApplication application =
        new SpringApplication(Application.class, App.class, Encrypting.class);
    application.setWebApplicationType(WebApplicationType.NONE);
    application.setBannerMode(Banner.Mode.OFF);
    System.setProperty("spring.cloud.bootstrap.enabled", String.valueOf(bootstrap));
    System.setProperty("spring.cloud.bootstrap.location", "file:" + directory + "/");
    System.setProperty("spring.config.location", "file:" + directory + "/");
    return application.run();
  }

  @AfterEach
  void forgetWhereThePropertiesAre() {
    System.clearProperty("spring.cloud.bootstrap.enabled");
    System.clearProperty("spring.cloud.bootstrap.location");
    System.clearProperty("spring.config.location");
  }

  @Configuration(proxyBeanMethods = false)
  @EnableAutoConfiguration
  @EnableConfigurationProperties
  static class Application {

    @Bean
    @RefreshScope
    Refreshed refreshed(
        @Value("${app.ours}") String ours,
        @Value("${app.imported}") String imported,
        @Value("${theirs}") String theirs) {
      return new Refreshed(ours, imported, theirs);
    }
  }

  static class Refreshed {

    private final String ours;
    private final String imported;
    private final String theirs;

    Refreshed(String ours, String imported, String theirs) {
      this.ours = ours;
      this.imported = imported;
      this.theirs = theirs;
    }

    String values() {
      return "ours=%s imported=%s theirs=%s".formatted(ours, imported, theirs);
    }
  }

  @ConfigurationProperties("app")
  static class App {

    private String ours = "";
    private String plain = "";

    public String getOurs() {
      return ours;
    }

    public void setOurs(String ours) {
      this.ours = ours;
    }

    public String getPlain() {
      return plain;
    }

    public void setPlain(String plain) {
      this.plain = plain;
    }
  }

  static class Encrypting {

    @RotatingKey("orders")
    Aead aead;
  }
}
