package dev.latchkey.autoconfigure.secret;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.latchkey.LatchkeyException;
import dev.latchkey.annotation.RotatingKey;
import dev.latchkey.autoconfigure.RotatingKeyAutoConfiguration;
import dev.latchkey.autoconfigure.diagnostics.Analyses;
import dev.latchkey.autoconfigure.key.KeysetAutoConfiguration;
import dev.latchkey.secret.RotatingSecret;
import dev.latchkey.secret.SecretEvent;
import dev.latchkey.secret.SecretEvent.SecretRotated;
import dev.latchkey.secret.SecretValue.Kind;
import dev.latchkey.secret.rotating.internal.RotatingSecrets;
import dev.latchkey.store.Backend;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.event.EventListener;
import org.springframework.core.env.ConfigurableEnvironment;

class RotatingSecretAutoConfigurationTests {

  private final ApplicationContextRunner runner =
      new ApplicationContextRunner()
          .withConfiguration(
              AutoConfigurations.of(
                  KeysetAutoConfiguration.class,
                  RotatingKeyAutoConfiguration.class,
                  RotatingSecretAutoConfiguration.class))
          .withUserConfiguration(Store.class)
          .withPropertyValues("latchkey.store.type=memory", "latchkey.refresh.interval=20ms");

  private final ApplicationContextRunner payments =
      runner.withPropertyValues("latchkey.secrets.payments.reference=vault@secret/payments");

  @Test
  void returnsTheNewValueWhenTheSecretRotates() {
    payments
        .withUserConfiguration(PaymentService.class)
        .run(
            context -> {
              PaymentService service = context.getBean(PaymentService.class);
              assertThat(service.payments.get("api-key")).isEqualTo("first");
              assertThat(service.payments)
                  .isSameAs(context.getBean("paymentsRotatingSecret"))
                  .isSameAs(service.qualified);

              context.getBean(Backend.class).secrets().write("secret/payments", value("second"), 1);

              await().until(() -> service.payments.get("api-key").equals("second"));
              await()
                  .untilAsserted(
                      () ->
                          assertThat(service.events)
                              .containsExactly(new SecretRotated("payments", Kind.KV, 2, 1)));
            });
  }

  @Test
  void bindsASecretWhenAPropertyRefersToAPath() {
    runner
        .withUserConfiguration(Bound.class)
        .withPropertyValues("app.payments=vault@secret/payments", "app.url=https://example.org")
        .run(
            context -> {
              RotatingSecret bound = context.getBean(AppProperties.class).payments();
              assertThat(bound.get("api-key")).isEqualTo("first");
              context.getBean(Backend.class).secrets().write("secret/payments", value("second"), 1);
              await().until(() -> bound.get("api-key").equals("second"));
            });
  }

  @Test
  void bindsTheSameSecretWhenNamedByPathOrName() {
    payments
        .withUserConfiguration(Bound.class)
        .withPropertyValues("app.payments=vault@secret/payments", "app.named=payments")
        .run(
            context -> {
              AppProperties properties = context.getBean(AppProperties.class);
              assertThat(properties.payments())
                  .isSameAs(properties.named())
                  .isSameAs(context.getBean("paymentsRotatingSecret"));
            });
  }

  @Test
  void readsNothingWhenNoSecretIsConfigured() {
    runner.run(context -> assertThat(context.getBean(RotatingSecrets.class).status()).isEmpty());
  }

  @Test
  void namesThePropertyWhenASecretIsInvalid() {
    fails(
        "latchkey.secrets.payments.overlap=5s",
        "latchkey.secrets.payments.reference is not set",
        "Set it to a reference to a whole path, such as"
            + " latchkey.secrets.payments.reference=vault@secret/payments.");
    fails(
        "latchkey.secrets.payments.reference=vault@secret/payments#api-key",
        "latchkey.secrets.payments.reference: Reference 'vault@secret/payments#api-key' has an"
            + " unexpected '#' at position 22",
        "Remove the field: this reference is to all fields of its path.");
    fails(
        "latchkey.secrets.payments.reference=vault@secret/payments?version=3",
        "Secret 'payments' pins a version (vault@secret/payments?version=3), so it would never"
            + " rotate",
        "Remove ?version. To use that version, look it up in a property, as in"
            + " ${vault@secret/payments?version=3#field}.");
    fails(
        "latchkey.secrets.payments.max-age=0s",
        "Invalid latchkey.secrets.payments.max-age 'PT0S': expected a positive duration",
        "Set it to a positive duration, such as 5s, or remove it.");
  }

  @Test
  void failsStartupWhenABeanHasASecretThatIsMissing() {
    ApplicationContextRunner missing =
        runner.withPropertyValues("latchkey.secrets.payments.reference=vault@secret/paiments");

    missing.run(context -> assertThat(context).hasNotFailed());
    missing
        .withUserConfiguration(PaymentService.class)
        .run(
            context ->
                assertThat(find(context.getStartupFailure(), context.getStartupFailure()))
                    .hasMessage(
                        "Cannot read secret 'payments' (vault@secret/paiments): memory store has no"
                            + " secret at secret/paiments")
                    .extracting(LatchkeyException::action)
                    .isEqualTo("Write it before startup. Or correct the path."));
  }

  @Test
  void readsTheSecretsOfBeansBeforeStartupCompletes() {
    payments
        .withPropertyValues("latchkey.secrets.unused.reference=vault@secret/unused")
        .withUserConfiguration(PaymentService.class)
        .run(
            context ->
                assertThat(context.getBean(RotatingSecrets.class).status())
                    .containsOnlyKeys("payments"));
  }

  @Test
  void namesThePropertyWhenItIsBoundToAnUnknownSecret() {
    runner
        .withUserConfiguration(Bound.class)
        .withPropertyValues("app.payments=vault@secret/paiments")
        .run(
            context ->
                assertThat(analysis(context.getStartupFailure()))
                    .extracting(FailureAnalysis::getDescription)
                    .asString()
                    .startsWith(
                        "Cannot read secret 'secret.paiments' (vault@secret/paiments): memory store has"
                            + " no secret at secret/paiments")
                    .contains("Property: app.payments"));
    payments
        .withUserConfiguration(Bound.class)
        .withPropertyValues("app.named=payment")
        .run(
            context ->
                assertThat(analysis(context.getStartupFailure()))
                    .satisfies(
                        it -> {
                          assertThat(it.getDescription())
                              .startsWith("There is no secret named 'payment'")
                              .contains("Property: app.named");
                          assertThat(it.getAction()).isEqualTo("Did you mean 'payments'?");
                        }));
  }

  private void fails(String property, String description, String action) {
    runner
        .withPropertyValues(property)
        .run(
            context ->
                assertThat(context)
                    .getFailure()
                    .rootCause()
                    .satisfies(
                        ex -> {
                          LatchkeyException failure = find(ex, context.getStartupFailure());
                          assertThat(failure).hasMessage(description);
                          assertThat(failure.action()).isEqualTo(action);
                        }));
  }

  private static LatchkeyException find(Throwable root, Throwable failure) {
    for (Throwable each = failure; each != null; each = each.getCause()) {
      if (each instanceof LatchkeyException found) {
        return found;
      }
    }
    throw new AssertionError(root);
  }

  private static FailureAnalysis analysis(Throwable failure) {
    return Analyses.of(failure);
  }

  private static Map<String, @Nullable Object> value(String apiKey) {
    return Map.of("api-key", apiKey);
  }

  @Configuration(proxyBeanMethods = false)
  static class Store {

    @Bean
    Backend backend(ConfigurableEnvironment environment) {
      Backend backend = Backend.create(environment);
      backend.secrets().write("secret/payments", value("first"), 0);
      return backend;
    }
  }

  @Configuration(proxyBeanMethods = false)
  static class PaymentService {

    @RotatingKey("payments")
    RotatingSecret payments;

    private final List<SecretEvent> events = new CopyOnWriteArrayList<>();
    private RotatingSecret qualified;

    PaymentService(@Qualifier("payments") RotatingSecret qualified) {
      this.qualified = qualified;
    }

    @EventListener
    void on(SecretEvent event) {
      events.add(event);
    }
  }

  @ConfigurationProperties("app")
  record AppProperties(
      @Nullable String url, @Nullable RotatingSecret payments, @Nullable RotatingSecret named) {}

  @Configuration(proxyBeanMethods = false)
  @EnableConfigurationProperties(AppProperties.class)
  static class Bound {}
}
