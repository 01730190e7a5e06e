package dev.latchkey.vault.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;

import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Configuration;

/** What startup reports when a reference cannot be resolved because of Vault. */
@ExtendWith(OutputCaptureExtension.class)
class LookupFailureAnalysisTests {

  @Test
  void namesThePropertyWhenTheLoginWouldNeedIt(CapturedOutput output) {
    fails(
        "latchkey.store.type=vault",
        "latchkey.vault.uri=http://127.0.0.1:1",
        "latchkey.vault.token=${vault@secret/login#token}");

    assertThat(output)
        .contains("    Property: latchkey.vault.token")
        .contains("    Reference: vault@secret/login#token")
        .contains(
            "    Reason: The property configures the connection to the store that would resolve it");
  }

  @Test
  void showsTheReasonWhenTheStoreIsInvalid(CapturedOutput output) {
    fails(
        "latchkey.store.type=vault",
        "latchkey.vault.uri=http://127.0.0.1:1",
        "latchkey.vault.token=hvs.canary",
        "app.password=${vault@secret/orders-db#password:fallback}");

    assertThat(output)
        .contains("    Property: app.password")
        .contains("http://127.0.0.1:1")
        .doesNotContain("hvs.canary");
  }

  private static void fails(String... properties) {
    assertThatException()
        .isThrownBy(
            () ->
                new SpringApplicationBuilder(Application.class)
                    .web(WebApplicationType.NONE)
                    .run(Stream.of(properties).map(each -> "--" + each).toArray(String[]::new)));
  }

  @Configuration(proxyBeanMethods = false)
  @EnableAutoConfiguration
  static class Application {}
}
