package dev.latchkey.autoconfigure.diagnostics;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.crypto.tink.Aead;
import dev.latchkey.annotation.RotatingKey;
import dev.latchkey.autoconfigure.RotatingKeyAutoConfiguration;
import dev.latchkey.autoconfigure.key.KeysetAutoConfiguration;
import dev.latchkey.autoconfigure.secret.RotatingSecretAutoConfiguration;
import dev.latchkey.secret.RotatingSecret;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Configuration;

/** What startup reports when a property is invalid. */
class FailureTextTests {

  private static final String POSITIVE = "Set it to a positive duration, such as 5s, or remove it.";
  private static final String NOT_NEGATIVE = "Set it to a duration of zero or more, or remove it.";

  private final ApplicationContextRunner runner =
      new ApplicationContextRunner()
          .withConfiguration(
              AutoConfigurations.of(
                  KeysetAutoConfiguration.class,
                  RotatingKeyAutoConfiguration.class,
                  RotatingSecretAutoConfiguration.class));

  @ParameterizedTest
  @MethodSource
  void namesTheValueAndTheFixWhenAPropertyIsInvalid(
      String properties, String description, String action) {
    assertAnalysis(
        runner
            .withPropertyValues("spring.application.name=shop", "latchkey.store.type=memory")
            .withPropertyValues("latchkey.keysets.orders.template=AES256_GCM")
            .withPropertyValues(properties.split(" ")),
        description,
        action);
  }

  static Stream<Arguments> namesTheValueAndTheFixWhenAPropertyIsInvalid() {
    return Stream.of(
        Arguments.of(
            "latchkey.refresh.interval=0s",
            "Invalid latchkey.refresh.interval 'PT0S': expected a positive duration",
            POSITIVE),
        Arguments.of(
            "latchkey.rotation.max-staleness=-1s",
            "Invalid latchkey.rotation.max-staleness 'PT-1S': expected zero or more",
            NOT_NEGATIVE),
        Arguments.of(
            "latchkey.rotation.drain=-1s",
            "Invalid latchkey.rotation.drain 'PT-1S': expected zero or more",
            NOT_NEGATIVE),
        Arguments.of(
            "latchkey.rotation.clock-skew=-1s",
            "Invalid latchkey.rotation.clock-skew 'PT-1S': expected zero or more",
            NOT_NEGATIVE),
        Arguments.of(
            "latchkey.rotation.backup-interval=-1s",
            "Invalid latchkey.rotation.backup-interval 'PT-1S': expected zero or more",
            NOT_NEGATIVE),
        Arguments.of(
            "latchkey.secrets.payments.reference=vault@secret/payments"
                + " latchkey.secrets.payments.overlap=-1s",
            "Invalid latchkey.secrets.payments.overlap 'PT-1S': expected zero or more",
            NOT_NEGATIVE),
        Arguments.of(
            "latchkey.keysets.orders.rotation.emergency-propagation=-1s",
            "latchkey.keysets.orders.rotation.emergency-propagation is PT-1S, which is negative",
            "Use a duration of zero or more, such as 12m."),
        Arguments.of(
            "latchkey.keysets.receipts.rotation.period=90d",
            "latchkey.keysets.receipts.template is not set; found only"
                + " latchkey.keysets.receipts.rotation.period",
            "Name a Tink key template, such as latchkey.keysets.receipts.template=AES256_GCM."));
  }

  @Test
  void failsToBindASecretWhenLatchkeyIsDisabled() {
    assertAnalysis(
        runner
            .withUserConfiguration(Bound.class)
            .withPropertyValues("latchkey.enabled=false", "app.mail=vault@secret/mail"),
        "'vault@secret/mail' refers to a secret, but latchkey.enabled is false",
        "Remove latchkey.enabled=false.");
  }

  @Test
  void failsWhenARecordComponentIsAnnotated() {
    assertAnalysis(
        runner
            .withBean(Injected.class)
            .withPropertyValues(
                "latchkey.store.type=memory", "latchkey.keysets.orders.template=AES256_GCM"),
        "@RotatingKey(\"orders\") is not supported on component 'aead' of record %s"
            .formatted(Injected.class.getName()),
        "Use @Qualifier(\"orders\") on the component instead: it applies to the constructor"
            + " parameter too.");
  }

  private static void assertAnalysis(
      ApplicationContextRunner runner, String description, String action) {
    runner.run(
        context -> {
          FailureAnalysis analysis =
              new LatchkeyFailureAnalyzer().analyze(context.getStartupFailure());
          assertThat(analysis).as(String.valueOf(context.getStartupFailure())).isNotNull();
          assertThat(analysis.getDescription()).startsWith(description);
          assertThat(analysis.getAction()).isEqualTo(action);
        });
  }

  @ConfigurationProperties("app")
  record AppProperties(RotatingSecret mail) {}

  @Configuration(proxyBeanMethods = false)
  @EnableConfigurationProperties(AppProperties.class)
  static class Bound {}

  record Injected(@RotatingKey("orders") Aead aead) {}
}
