package dev.latchkey.kafka;

import dev.latchkey.LatchkeyException;
import dev.latchkey.client.RotatingCredentials;
import dev.latchkey.client.SecretClient;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.common.config.SaslConfigs;
import org.springframework.kafka.core.ProducerFactory;

/** Connects the factories that Spring Boot creates. */
final class KafkaSecretClient implements SecretClient<KafkaClient> {

  @Override
  public String prefix() {
    return "latchkey.kafka";
  }

  @Override
  public Class<KafkaClient> type() {
    return KafkaClient.class;
  }

  @Override
  public Class<?> beanType() {
    return ProducerFactory.class;
  }

  @Override
  public String connectionDetails() {
    return "org.springframework.boot.kafka.autoconfigure.PropertiesKafkaConnectionDetails";
  }

  @Override
  public String remedy() {
    return "Let Spring Boot create it. To keep yours, add RotatingKafkaCredentials.configuration to"
        + " what it is created with, and remove latchkey.kafka.secret.";
  }

  @Override
  public void connect(KafkaClient client, String bean, RotatingCredentials credentials) {
    requireSasl(client.configuration(), bean, credentials);
    String mechanism = mechanism(client.configuration(), bean, credentials);
    requireNoOther(client.configuration(), bean, credentials);
    credentials.current().username();
    client.update().accept(RotatingKafkaCredentials.configuration(credentials, mechanism));
  }

  private static void requireSasl(
      Map<String, Object> configuration, String bean, RotatingCredentials credentials) {
    String protocol =
        text(
            configuration,
            CommonClientConfigs.SECURITY_PROTOCOL_CONFIG,
            CommonClientConfigs.DEFAULT_SECURITY_PROTOCOL);
    if (!protocol.toUpperCase(Locale.ROOT).startsWith("SASL_")) {
      throw new LatchkeyException(
          "%s: clients of '%s' never log in with security protocol %s"
              .formatted(credentials, bean, protocol),
          "Set spring.kafka.security.protocol to SASL_SSL.");
    }
  }

  private static String mechanism(
      Map<String, Object> configuration, String bean, RotatingCredentials credentials) {
    String mechanism =
        text(configuration, SaslConfigs.SASL_MECHANISM, SaslConfigs.DEFAULT_SASL_MECHANISM);
    if (!RotatingKafkaCredentials.mechanisms().contains(mechanism)) {
      throw new LatchkeyException(
          "%s: clients of '%s' use no username and password with SASL mechanism %s"
              .formatted(credentials, bean, mechanism),
          "Set spring.kafka.properties.%s to the broker's mechanism, one of %s."
              .formatted(
                  SaslConfigs.SASL_MECHANISM,
                  String.join(", ", RotatingKafkaCredentials.mechanisms())));
    }
    return mechanism;
  }

  private static void requireNoOther(
      Map<String, Object> configuration, String bean, RotatingCredentials credentials) {
    Stream.of(SaslConfigs.SASL_JAAS_CONFIG, SaslConfigs.SASL_CLIENT_CALLBACK_HANDLER_CLASS)
        .filter(configuration::containsKey)
        .findFirst()
        .ifPresent(
            other -> {
              throw new LatchkeyException(
                  "%s: '%s' also has a '%s' of its own".formatted(credentials, bean, other),
                  "Remove it: the secret provides username and password for each login. To use it"
                      + " instead, for example in a development profile, set the secret's property to"
                      + " an empty value there.");
            });
  }

  private static String text(Map<String, Object> configuration, String name, String otherwise) {
    return Objects.toString(configuration.get(name), otherwise);
  }
}
