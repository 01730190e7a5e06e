package dev.latchkey.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;
import static org.mockito.AdditionalAnswers.delegatesTo;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.verify;

import dev.latchkey.LatchkeyException;
import dev.latchkey.client.RotatingCredentials;
import dev.latchkey.secret.RotatingSecret;
import dev.latchkey.secret.rotating.internal.RotatingSecrets;
import dev.latchkey.store.Backend;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import javax.security.auth.callback.Callback;
import javax.security.auth.callback.NameCallback;
import javax.security.auth.callback.PasswordCallback;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.kafka.autoconfigure.KafkaAutoConfiguration;
import org.springframework.boot.kafka.autoconfigure.KafkaConnectionDetails;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.kafka.config.ConcurrentKafkaListenerContainerFactory;
import org.springframework.kafka.core.KafkaAdmin;

/** What needs no server. */
class KafkaSecretTests {

  private static final String MECHANISM = "SCRAM-SHA-512";

  private final ApplicationContextRunner runner =
      new ApplicationContextRunner()
          .withUserConfiguration(Application.class)
          .withPropertyValues(
              "latchkey.store.type=memory",
              "latchkey.refresh.interval=1h",
              "latchkey.secrets.broker.reference=vault@secret/broker",
              "latchkey.kafka.secret=broker",
              "spring.kafka.security.protocol=SASL_SSL",
              "spring.kafka.properties.sasl.mechanism=" + MECHANISM);

  @Test
  void usesOneVersionWhenTheSecretRotatesDuringALogin() {
    runner.run(
        context -> {
          RotatingKafkaCredentials credentials = credentials(secret(context));
          NameCallback user = new NameCallback("user");
          PasswordCallback password = new PasswordCallback("password", false);

          credentials.handle(new Callback[] {user});
          context
              .getBean(Backend.class)
              .secrets()
              .write("secret/broker", credentials("user2", "second"), 1);
          assertThat(secret(context).refresh(Duration.ofSeconds(10))).isTrue();
          credentials.handle(new Callback[] {password});
          assertThat(user.getName()).isEqualTo("user1");
          assertThat(password.getPassword()).isEqualTo("first".toCharArray());

          credentials.handle(new Callback[] {user, password});
          assertThat(user.getName()).isEqualTo("user2");
          assertThat(password.getPassword()).isEqualTo("second".toCharArray());
        });
  }

  @Test
  void waitsForTheStoreWhenItIsTheFirstLogin() {
    runner.run(
        context -> {
          RotatingSecret secret = mock(RotatingSecret.class, delegatesTo(secret(context)));
          RotatingKafkaCredentials credentials = credentials(secret);
          Callback[] login = {new NameCallback("user"), new PasswordCallback("password", false)};

          credentials.handle(login);
          verify(secret).refresh(Duration.ofSeconds(2));
          credentials.handle(login);
          verify(secret).refresh(Duration.ZERO);
        });
  }

  @Test
  void readsNoSecretWhenConnectionDetailsWin() {
    KafkaConnectionDetails container = () -> List.of("127.0.0.1:1");
    runner
        .withBean(KafkaConnectionDetails.class, () -> container)
        .withPropertyValues("latchkey.secrets.broker.reference=vault@secret/none")
        .run(
            context -> {
              assertThat(context).hasNotFailed();
              assertThat(context.getBean(KafkaAdmin.class).getConfigurationProperties())
                  .containsEntry("bootstrap.servers", List.of("127.0.0.1:1"));
              assertThat(context.getBean(RotatingSecrets.class).status()).isEmpty();
            });
  }

  private static RotatingSecret secret(ApplicationContext context) {
    return context.getBean(RotatingSecrets.class).get("broker");
  }

  private static RotatingKafkaCredentials credentials(RotatingSecret secret) {
    RotatingKafkaCredentials credentials = new RotatingKafkaCredentials();
    credentials.configure(
        RotatingKafkaCredentials.configuration(RotatingCredentials.of(secret), MECHANISM),
        MECHANISM,
        List.of());
    return credentials;
  }

  @Test
  void keepsTheRetryIntervalWhenItIsSet() {
    runner.run(context -> assertThat(interval(context)).isEqualTo(Duration.ofSeconds(1)));
    runner
        .withPropertyValues("spring.kafka.listener.auth-exception-retry-interval=7s")
        .run(context -> assertThat(interval(context)).isEqualTo(Duration.ofSeconds(7)));
  }

  private static @Nullable Duration interval(ApplicationContext context) {
    return context
        .getBean(ConcurrentKafkaListenerContainerFactory.class)
        .getContainerProperties()
        .getAuthExceptionRetryInterval();
  }

  @Test
  void createsTheAdminClientAsSpringBootDoesWhenASecretIsNamed() {
    ApplicationContextRunner configured =
        runner.withPropertyValues(
            "spring.ssl.bundle.pem.broker.options.ciphers=any",
            "spring.kafka.ssl.bundle=broker",
            "spring.kafka.bootstrap-servers=broker.example.org:9093",
            "spring.kafka.admin.auto-create=false",
            "spring.kafka.admin.fail-fast=true",
            "spring.kafka.admin.modify-topic-configs=true",
            "spring.kafka.admin.close-timeout=7s",
            "spring.kafka.admin.operation-timeout=8s",
            "spring.kafka.admin.client-id=client");
    configured.run(
        ours ->
            configured
                .withPropertyValues("latchkey.kafka.secret=")
                .run(
                    boots -> {
                      KafkaAdmin admin = ours.getBean(KafkaAdmin.class);
                      KafkaAdmin expected = boots.getBean(KafkaAdmin.class);
                      assertThat(admin)
                          .usingRecursiveComparison()
                          .ignoringFields(
                              "applicationContext",
                              "configs",
                              "clusterIdLock",
                              "createOrModifyTopic")
                          .isEqualTo(expected);
                      Map<String, Object> configuration =
                          new HashMap<>(admin.getConfigurationProperties());
                      assertThat(configuration.get(SslBundle.class.getName()))
                          .isInstanceOf(SslBundle.class);
                      RotatingCredentials credentials =
                          (RotatingCredentials)
                              configuration.get(RotatingCredentials.class.getName());
                      assertThat(credentials.secret()).isSameAs(secret(ours));
                      RotatingKafkaCredentials.configuration(credentials, MECHANISM)
                          .forEach(
                              (name, value) ->
                                  assertThat(configuration.remove(name)).isEqualTo(value));
                      assertThat(configuration)
                          .usingRecursiveComparison()
                          .isEqualTo(expected.getConfigurationProperties());
                    }));
  }

  @Test
  void startsWhenSpringBootsAutoConfigurationIsExcluded() {
    runner
        .withPropertyValues(
            "spring.autoconfigure.exclude=" + KafkaAutoConfiguration.class.getName(),
            "spring.kafka.security.protocol=PLAINTEXT")
        .run(context -> assertThat(context).hasNotFailed());
  }

  static List<Arguments> mistakes() {
    String wanted = "latchkey.kafka.secret=broker";
    return List.of(
        arguments(
            "latchkey.kafka.secret=broke",
            "latchkey.kafka.secret=broke: there is no secret named 'broke'",
            "Did you mean 'broker'?"),
        arguments(
            "latchkey.kafka.username-field=user",
            wanted + ": the secret has no field 'user' (found password, username)",
            "Set latchkey.kafka.username-field to the name of the field, or add 'user' to the"
                + " secret."),
        arguments(
            "spring.kafka.security.protocol=SSL",
            wanted + ": clients of 'kafkaAdmin' never log in with security protocol SSL",
            "Set spring.kafka.security.protocol to SASL_SSL."),
        arguments(
            "spring.kafka.properties.sasl.mechanism=GSSAPI",
            wanted
                + ": clients of 'kafkaAdmin' use no username and password with SASL mechanism"
                + " GSSAPI",
            "Set spring.kafka.properties.sasl.mechanism to the broker's mechanism, one of PLAIN,"
                + " SCRAM-SHA-256, SCRAM-SHA-512."),
        arguments(
            "spring.kafka.consumer.properties.sasl.jaas.config=theirs",
            wanted + ": 'kafkaConsumerFactory' also has a 'sasl.jaas.config' of its own",
            "Remove it: the secret provides username and password for each login. To use it"
                + " instead, for example in a development profile, set the secret's property to an"
                + " empty value there."));
  }

  @ParameterizedTest
  @MethodSource("mistakes")
  void failsWhenTheConfigurationIsWrong(String property, String description, String action) {
    runner
        .withPropertyValues(property)
        .run(
            context ->
                assertThat(context)
                    .getFailure()
                    .rootCause()
                    .isInstanceOf(LatchkeyException.class)
                    .hasMessage(description)
                    .satisfies(
                        ex -> assertThat(((LatchkeyException) ex).action()).isEqualTo(action)));
  }

  private static Map<String, @Nullable Object> credentials(String user, String password) {
    return new TreeMap<>(Map.of("username", user, "password", password));
  }

  @Configuration(proxyBeanMethods = false)
  @EnableAutoConfiguration
  static class Application {

    @Bean
    Backend backend(ConfigurableEnvironment environment) {
      Backend backend = Backend.create(environment);
      backend.secrets().write("secret/broker", credentials("user1", "first"), 0);
      return backend;
    }
  }
}
