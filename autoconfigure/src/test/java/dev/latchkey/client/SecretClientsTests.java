package dev.latchkey.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.LatchkeyException;
import dev.latchkey.autoconfigure.RotatingKeyAutoConfiguration;
import dev.latchkey.autoconfigure.key.KeysetAutoConfiguration;
import dev.latchkey.autoconfigure.secret.RotatingSecretAutoConfiguration;
import dev.latchkey.secret.rotating.internal.RotatingSecrets;
import dev.latchkey.store.Backend;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.FactoryBean;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.service.connection.ConnectionDetails;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.NestedExceptionUtils;
import org.springframework.core.env.ConfigurableEnvironment;

/** Clients of a test's own, of which an application may have several. */
@ExtendWith(OutputCaptureExtension.class)
class SecretClientsTests {

  private final ApplicationContextRunner empty =
      new ApplicationContextRunner()
          .withConfiguration(
              AutoConfigurations.of(
                  KeysetAutoConfiguration.class,
                  RotatingKeyAutoConfiguration.class,
                  RotatingSecretAutoConfiguration.class,
                  SecretClientAutoConfiguration.class))
          .withUserConfiguration(Store.class)
          .withPropertyValues(
              "latchkey.store.type=memory",
              "latchkey.secrets.broker.reference=vault@secret/broker",
              "latchkey.secrets.other.reference=vault@secret/other");

  private final ApplicationContextRunner runner =
      empty.withBean("client", Client.class, Client::new);

  @Test
  void connectsTheOnlyClient() {
    runner
        .withPropertyValues("app.client.secret=broker")
        .run(context -> assertThat(context.getBean(Client.class).login()).isEqualTo("app/first"));
  }

  @Test
  void connectsTheProductOfAFactoryBean() {
    empty
        .withBean("client", ClientFactory.class, ClientFactory::new)
        .withPropertyValues("app.client.secret=broker")
        .run(context -> assertThat(context.getBean(Client.class).login()).isEqualTo("app/first"));
  }

  @Test
  void connectsEachNamedClientToItsOwnSecret() {
    runner
        .withBean("secondClient", Client.class, Client::new)
        .withPropertyValues(
            "app.client.secret=broker",
            "app.clients.second-client.secret=other",
            "app.clients.second-client.username-field=name")
        .run(
            context -> {
              assertThat(context.getBean("client", Client.class).login()).isEqualTo("app/first");
              assertThat(context.getBean("secondClient", Client.class).login())
                  .isEqualTo("reader/word");
            });
  }

  @Test
  void readsNoSecretWhenOtherConnectionDetailsWin(CapturedOutput output) {
    empty
        .withUserConfiguration(WithDetails.class)
        .withBean(OtherDetails.class, OtherDetails::new)
        .withPropertyValues(
            "app.client.secret=broker",
            "latchkey.secrets.broker.reference=vault@secret/none",
            "latchkey.secrets.other.reference=vault@secret/other")
        .run(
            context -> {
              assertThat(context.getBean(Client.class).credentials).isNull();
              assertThat(output)
                  .contains(
                      "app.client.secret=broker is not used: username and password come from "
                          + OtherDetails.class.getName());
              assertThat(context.getBean(RotatingSecrets.class).status()).isEmpty();
            });
  }

  @Test
  void usesTheSecretWhenTheConnectionDetailsAreBootsOwn() {
    empty
        .withUserConfiguration(WithDetails.class)
        .withBean(OwnDetails.class, OwnDetails::new)
        .withPropertyValues("app.client.secret=broker")
        .run(context -> assertThat(context.getBean(Client.class).login()).isEqualTo("app/first"));
  }

  @Test
  void leavesAClientAloneThatDoesNotLogIn() {
    empty
        .withBean("client", Client.class, () -> new Client(true))
        .withPropertyValues("app.client.secret=broker")
        .run(context -> assertThat(context.getBean(Client.class).credentials).isNull());
  }

  @ParameterizedTest
  @ValueSource(strings = {"app.client.secret=", "app.client.secret=false"})
  void leavesTheClientAloneWhenThePropertyNamesNoSecret(String property) {
    runner
        .withPropertyValues(property)
        .run(context -> assertThat(context.getBean(Client.class).credentials).isNull());
  }

  @Test
  void warnsWhenThereIsNoClient(CapturedOutput output) {
    empty
        .withPropertyValues("app.client.secret=broker")
        .run(
            context -> {
              assertThat(context).hasNotFailed();
              assertThat(output)
                  .contains("app.client.secret=broker is not used: there is no Client");
            });
  }

  @Test
  void failsWhenTheClientWasBuiltWithoutTheCustomizer() {
    fails(
        runner
            .withBean("wrapper", Wrapper.class, Wrapper::new)
            .withPropertyValues("app.wrapper.secret=broker"),
        "app.wrapper.secret=broker: the Wrapper 'wrapper' does not use it",
        "Build it with the customizer.");
  }

  @Test
  void failsWhenNoSecretHasThatName() {
    fails(
        runner.withPropertyValues("app.client.secret=brokr"),
        "app.client.secret=brokr: there is no secret named 'brokr'",
        "Did you mean 'broker'?");
  }

  @Test
  void failsWhenTheSecretHoldsNoPassword() {
    fails(
        runner.withPropertyValues("app.client.secret=broker", "app.client.password-field=token"),
        "app.client.secret=broker: the secret has no field 'token' (found password, username)",
        "Set app.client.password-field to the name of the field, or add 'token' to the secret.");
  }

  @Test
  void failsWhenNoBeanHasThatName() {
    fails(
        runner.withPropertyValues("app.clients.clint.secret=broker"),
        "app.clients.clint: there is no Client named 'clint' (found client)",
        "Did you mean app.clients.client?");
  }

  @Test
  void failsWhenNoneOfSeveralClientsIsPrimary() {
    fails(
        runner
            .withBean("secondClient", Client.class, Client::new)
            .withPropertyValues("app.client.secret=broker"),
        "app.client.secret=broker matches several beans of type Client, and none is primary:"
            + " client, secondClient",
        "Set app.clients.client.secret=broker for the intended one.");
  }

  @ParameterizedTest
  @CsvSource({
    "latchkey.redis.secret, redis",
    "latchkey.kafka.secret, kafka",
    "latchkey.rabbitmq.secret, rabbitmq",
    "latchkey.datasource.secret, hikari",
    "latchkey.datasources.orders.secret, hikari"
  })
  void failsWhenTheModuleOfAPropertyIsMissing(String property, String module) {
    fails(
        runner.withPropertyValues(property + "=broker"),
        property + "=broker: no client uses it",
        "Add the module dev.latchkey:latchkey-%s, or remove %s.".formatted(module, property));
  }

  @Test
  void startsWhenThePropertyOfAMissingModuleNamesNoSecret() {
    runner
        .withPropertyValues("latchkey.redis.secret=", "latchkey.kafka.secret=false")
        .run(context -> assertThat(context).hasNotFailed());
  }

  @Test
  void startsWhenLatchkeyIsDisabled() {
    runner
        .withPropertyValues("latchkey.enabled=false", "latchkey.redis.secret=broker")
        .run(context -> assertThat(context).hasNotFailed());
  }

  private static void fails(ApplicationContextRunner runner, String message, String action) {
    runner.run(
        context -> {
          Throwable failure =
              NestedExceptionUtils.getMostSpecificCause(context.getStartupFailure());
          assertThat(failure).isInstanceOf(LatchkeyException.class).hasMessage(message);
          assertThat(((LatchkeyException) failure).action()).isEqualTo(action);
        });
  }

  static final class Client {

    private final boolean embedded;
    private @Nullable RotatingCredentials credentials;

    Client() {
      this(false);
    }

    Client(boolean embedded) {
      this.embedded = embedded;
    }

    String login() {
      UsernamePassword current = Objects.requireNonNull(credentials).current();
      return current.username() + "/" + current.password();
    }
  }

  static final class ClientFactory implements FactoryBean<Client> {

    private final Client client = new Client();

    @Override
    public Client getObject() {
      return client;
    }

    @Override
    public Class<?> getObjectType() {
      return Client.class;
    }
  }

  /** Its clients are reached by a customizer alone. */
  static final class Wrapper {}

  interface Details extends ConnectionDetails {}

  static final class OwnDetails implements Details {}

  static final class OtherDetails implements Details {}

  @Configuration(proxyBeanMethods = false)
  static class WithDetails {

    @Bean
    Client client(Details details) {
      return new Client();
    }
  }

  @Configuration(proxyBeanMethods = false)
  static class Store {

    @Bean
    static SecretClient<Client> clients() {
      return new Clients();
    }

    @Bean
    static SecretClient<StringBuilder> wrappers() {
      return new Wrappers();
    }

    @Bean
    Backend backend(ConfigurableEnvironment environment) {
      Backend backend = Backend.create(environment);
      backend.secrets().write("secret/broker", fields("username", "app", "first"), 0);
      backend.secrets().write("secret/other", fields("name", "reader", "word"), 0);
      return backend;
    }

    private static Map<String, @Nullable Object> fields(
        String usernameField, String username, String password) {
      return new TreeMap<>(Map.of(usernameField, username, "password", password));
    }
  }

  static final class Clients implements SecretClient<Client> {

    @Override
    public String prefix() {
      return "app.client";
    }

    @Override
    public String namedPrefix() {
      return "app.clients";
    }

    @Override
    public Class<Client> type() {
      return Client.class;
    }

    @Override
    public String connectionDetails() {
      return OwnDetails.class.getName();
    }

    @Override
    public boolean accepts(Client client) {
      return !client.embedded;
    }

    @Override
    public void connect(Client client, String bean, RotatingCredentials credentials) {
      client.credentials = credentials;
    }
  }

  static final class Wrappers implements SecretClient<StringBuilder> {

    @Override
    public String prefix() {
      return "app.wrapper";
    }

    @Override
    public Class<StringBuilder> type() {
      return StringBuilder.class;
    }

    @Override
    public Class<?> beanType() {
      return Wrapper.class;
    }

    @Override
    public String remedy() {
      return "Build it with the customizer.";
    }

    @Override
    public void connect(StringBuilder builder, String bean, RotatingCredentials credentials) {
      builder.append(credentials);
    }
  }
}
