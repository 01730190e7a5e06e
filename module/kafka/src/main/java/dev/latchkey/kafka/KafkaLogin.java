package dev.latchkey.kafka;

import dev.latchkey.LatchkeyException;
import dev.latchkey.client.ClientSecret;
import dev.latchkey.secret.RotatingSecret;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.common.config.SaslConfigs;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.kafka.autoconfigure.KafkaConnectionDetails;
import org.springframework.core.env.Environment;
import org.springframework.util.function.SingletonSupplier;

/** How the Kafka clients of an application log in. */
final class KafkaLogin {

  private static final String BOOTS_OWN =
      "org.springframework.boot.kafka.autoconfigure.PropertiesKafkaConnectionDetails";

  private final ClientSecret wanted;
  private final Supplier<Boolean> yields;
  private final ConfigurableListableBeanFactory beans;
  private final Environment environment;

  KafkaLogin(
      ClientSecret wanted,
      ObjectProvider<KafkaConnectionDetails> details,
      ConfigurableListableBeanFactory beans,
      Environment environment) {
    this.wanted = wanted;
    this.yields =
        SingletonSupplier.of(
            () -> wanted.yieldsTo(details.stream().map(Object::getClass), BOOTS_OWN));
    this.beans = beans;
    this.environment = environment;
  }

  /**
   * What a client's configuration needs beside what it holds; nothing where connection details
   * other than Boot's own win.
   *
   * @param client the bean that makes clients
   * @param configuration what it makes them with
   * @throws LatchkeyException if they would not log in with a user and a password, or with others
   */
  Map<String, Object> of(String client, Map<String, Object> configuration) {
    if (yields.get()) {
      return Map.of();
    }
    requireSasl(client, configuration);
    String mechanism = mechanism(client, configuration);
    requireNoOther(client, configuration);
    RotatingSecret secret = wanted.lendTo(client, beans, environment);
    wanted.requireUsername(secret.current());
    wanted.requirePassword(secret.current());
    return RotatingKafkaCredentials.configuration(secret, wanted.fields(), mechanism);
  }

  private void requireSasl(String client, Map<String, Object> configuration) {
    String protocol =
        text(
            configuration,
            CommonClientConfigs.SECURITY_PROTOCOL_CONFIG,
            CommonClientConfigs.DEFAULT_SECURITY_PROTOCOL);
    if (!protocol.toUpperCase(Locale.ROOT).startsWith("SASL_")) {
      throw new LatchkeyException(
          "%s: with the security protocol %s the clients of '%s' never log in"
              .formatted(wanted.describe(), protocol, client),
          "Set spring.kafka.security.protocol to SASL_SSL.");
    }
  }

  private String mechanism(String client, Map<String, Object> configuration) {
    String mechanism =
        text(configuration, SaslConfigs.SASL_MECHANISM, SaslConfigs.DEFAULT_SASL_MECHANISM);
    if (!RotatingKafkaCredentials.mechanisms().contains(mechanism)) {
      throw new LatchkeyException(
          "%s: with the SASL mechanism %s the clients of '%s' log in with no user and password"
              .formatted(wanted.describe(), mechanism, client),
          "Set spring.kafka.properties.%s to one of %s, as the broker has it."
              .formatted(
                  SaslConfigs.SASL_MECHANISM,
                  String.join(", ", RotatingKafkaCredentials.mechanisms())));
    }
    return mechanism;
  }

  private void requireNoOther(String client, Map<String, Object> configuration) {
    Stream.of(SaslConfigs.SASL_JAAS_CONFIG, SaslConfigs.SASL_CLIENT_CALLBACK_HANDLER_CLASS)
        .filter(configuration::containsKey)
        .findFirst()
        .ifPresent(
            other -> {
              throw new LatchkeyException(
                  "%s, and '%s' has a '%s' of its own: only one of them can be used"
                      .formatted(wanted.describe(), client, other),
                  "Remove it: the secret gives user and password for each login. Where it is meant,"
                      + " such as in a profile for development, set %s to nothing there."
                          .formatted(wanted.property()));
            });
  }

  private static String text(Map<String, Object> configuration, String name, String otherwise) {
    return Objects.toString(configuration.get(name), otherwise);
  }
}
