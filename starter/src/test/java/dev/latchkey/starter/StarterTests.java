package dev.latchkey.starter;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.crypto.tink.Aead;
import dev.latchkey.annotation.RotatingKey;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.util.ClassUtils;

class StarterTests {

  @TempDir private Path directory;

  @Test
  void needsNothingElseAndOnePropertyLine() throws Exception {
    byte[] ciphertext;
    try (ConfigurableApplicationContext application = start()) {
      ciphertext =
          application.getBean(Application.class).aead.encrypt("text".getBytes(UTF_8), null);
    }
    try (ConfigurableApplicationContext again = start()) {
      assertThat(again.getBean(Application.class).aead.decrypt(ciphertext, null))
          .isEqualTo("text".getBytes(UTF_8));
    }
  }

  @Test
  void bringsWhatVaultNeeds() {
    assertThat(
            ClassUtils.isPresent(
                "org.springframework.vault.core.VaultTemplate",
                StarterTests.class.getClassLoader()))
        .isTrue();
  }

  /** Two properties keep this test out of the developer's own directories. */
  private ConfigurableApplicationContext start() {
    return SpringApplication.run(
        Application.class,
        "--latchkey.keysets.orders.template=AES256_GCM",
        "--spring.main.web-application-type=none",
        "--latchkey.store.file.directory=" + directory.resolve("store"),
        "--latchkey.store.file.key=" + directory.resolve("key"));
  }

  @Configuration(proxyBeanMethods = false)
  @EnableAutoConfiguration(exclude = DataSourceAutoConfiguration.class)
  static class Application {

    @RotatingKey("orders")
    private Aead aead;
  }
}
