package dev.latchkey.env.internal;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.context.annotation.Configuration;
import org.springframework.test.context.DynamicPropertyRegistry;
import org.springframework.test.context.DynamicPropertySource;
import org.springframework.test.context.TestPropertySource;

/** Tests that references can be overridden in tests of applications, without a store. */
@SpringBootTest(
    webEnvironment = WebEnvironment.NONE,
    properties = {
      "latchkey.vault.uri=http://127.0.0.1:1",
      "latchkey.vault.token=none",
      "app.password=${vault@secret/orders-db#password}",
      "app.pinned=${vault@secret/orders-db?version=3#password}",
      "app.generated=${vault@secret/orders-db?generate=32#password}",
      "app.dynamic=${vault@secret/dynamic#x}"
    })
@TestPropertySource(properties = "vault@secret/orders-db#password=test")
class LookupsInTestsTests {

  @Value("${app.password} ${app.pinned} ${app.generated} ${app.dynamic}")
  String values = "";

  @DynamicPropertySource
  static void properties(DynamicPropertyRegistry registry) {
    registry.add("vault@secret/dynamic#x", () -> "dynamic");
  }

  @Test
  void usesPropertiesOfTest() {
    assertThat(values).isEqualTo("test test test dynamic");
  }

  @Configuration(proxyBeanMethods = false)
  @EnableAutoConfiguration
  static class Application {}
}
