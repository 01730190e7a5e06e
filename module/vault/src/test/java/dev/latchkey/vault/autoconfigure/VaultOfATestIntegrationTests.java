package dev.latchkey.vault.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.test.BaoServer;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.context.annotation.Configuration;
import org.springframework.test.context.ActiveProfiles;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;

/** Reads the server's address from the test that started it, and the login from a profile. */
@SpringBootTest(
    webEnvironment = WebEnvironment.NONE,
    properties = {
      "spring.config.location=classpath:dev/latchkey/vault/autoconfigure/vault-of-a-test/"
    })
@ActiveProfiles("server")
class VaultOfATestIntegrationTests {

  private static final BaoServer SERVER = BaoServer.shared();
  private static final String MOUNT = SERVER.mountKv(2);

  @Value("${app.user} ${app.password}")
  String credentials = "";

  @DynamicPropertySource
  static void vault(DynamicPropertyRegistry registry) {
    SERVER.post(
        MOUNT + "/data/orders-db", Map.of("data", Map.of("username", "shop", "password", "read")));
    registry.add("test.mount", () -> MOUNT);
    registry.add("test.token", SERVER::rootToken);
    registry.add("latchkey.vault.uri", SERVER::uri);
  }

  @Test
  void readsReferencesFromTheServerThatTheTestNames() {
    assertThat(credentials).isEqualTo("shop read");
  }

  @Configuration(proxyBeanMethods = false)
  @EnableAutoConfiguration
  static class Application {}
}
