package dev.latchkey.taught;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.latchkey.autoconfigure.RotatingKeyAutoConfiguration;
import dev.latchkey.autoconfigure.key.KeysetAutoConfiguration;
import dev.latchkey.autoconfigure.secret.RotatingSecretAutoConfiguration;
import dev.latchkey.client.RotatingCredentials;
import dev.latchkey.client.SecretClient;
import dev.latchkey.client.SecretClientAutoConfiguration;
import dev.latchkey.client.UsernamePassword;
import dev.latchkey.store.Backend;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.ConfigurableEnvironment;

/** An application teaches Latchkey a client of its own, with public types alone. */
class TaughtClientTests {

  private final ApplicationContextRunner runner =
      new ApplicationContextRunner()
          .withConfiguration(
              AutoConfigurations.of(
                  KeysetAutoConfiguration.class,
                  RotatingKeyAutoConfiguration.class,
                  RotatingSecretAutoConfiguration.class,
                  SecretClientAutoConfiguration.class))
          .withUserConfiguration(Application.class)
          .withPropertyValues(
              "latchkey.store.type=memory",
              "latchkey.refresh.interval=1h",
              "latchkey.secrets.mail.reference=vault@secret/mail");

  @Test
  void logsInWithRotatingCredentials() {
    runner
        .withPropertyValues("app.mail.secret=mail")
        .run(
            context -> {
              MailClient client = context.getBean(MailClient.class);
              client.send();
              rotate(context.getBean(Backend.class), client, "second");

              client.send();

              assertThat(client.logins).containsExactly("app/first", "app/second");
            });
  }

  @Test
  void readsTheSecretAgainAndRetriesWhenTheServerRejectsTheLogin() {
    runner
        .withPropertyValues("app.mail.secret=mail")
        .run(
            context -> {
              MailClient client = context.getBean(MailClient.class);
              rotate(context.getBean(Backend.class), client, "second");

              client.send();

              assertThat(client.logins).containsExactly("app/second");
              assertThat(client.rejections).isEqualTo(1);
            });
  }

  @Test
  void reportsARejectionThatNoNewerCredentialsEnd() {
    runner
        .withPropertyValues("app.mail.secret=mail")
        .run(
            context -> {
              MailClient client = context.getBean(MailClient.class);
              client.password = "unknown";

              assertThatExceptionOfType(Rejected.class).isThrownBy(client::send);
              assertThat(client.rejections).isEqualTo(3);
            });
  }

  @Test
  void leavesTheClientAloneWhenNoSecretIsNamed() {
    runner.run(context -> assertThat(context.getBean(MailClient.class).credentials).isNull());
  }

  @Test
  void closesTheClientBeforeTheSecret() {
    runner
        .withPropertyValues("app.mail.secret=mail")
        .run(
            context ->
                assertThat(
                        context
                            .getSourceApplicationContext()
                            .getBeanFactory()
                            .getDependentBeans("mailRotatingSecret"))
                    .contains("mailClient"));
  }

  private static void rotate(Backend store, MailClient server, String password) {
    store.secrets().write("secret/mail", credentials(password), 1);
    server.password = password;
  }

  private static Map<String, @Nullable Object> credentials(String password) {
    return new TreeMap<>(Map.of("username", "app", "password", password));
  }

  /** A client that knows nothing of Latchkey, and the server that it logs in to. */
  static final class MailClient {

    private final List<String> logins = new ArrayList<>();
    private int rejections;
    private String password = "first";
    private @Nullable Consumer<MailClient> credentials;

    void send() {
      if (credentials != null) {
        credentials.accept(this);
      }
    }

    void login(String username, String given) {
      if (!given.equals(password)) {
        rejections++;
        throw new Rejected();
      }
      logins.add(username + "/" + given);
    }
  }

  static final class Rejected extends RuntimeException {}

  static final class MailSecretClient implements SecretClient<MailClient> {

    @Override
    public String prefix() {
      return "app.mail";
    }

    @Override
    public Class<MailClient> type() {
      return MailClient.class;
    }

    @Override
    public void connect(MailClient client, String bean, RotatingCredentials credentials) {
      client.credentials =
          server -> credentials.login(used -> login(server, used), Rejected.class::isInstance);
    }

    private static boolean login(MailClient server, UsernamePassword used) {
      server.login(used.username(), used.password());
      return true;
    }
  }

  @Configuration(proxyBeanMethods = false)
  static class Application {

    @Bean
    static MailSecretClient mailSecretClient() {
      return new MailSecretClient();
    }

    @Bean
    MailClient mailClient() {
      return new MailClient();
    }

    @Bean
    Backend backend(ConfigurableEnvironment environment) {
      Backend backend = Backend.create(environment);
      backend.secrets().write("secret/mail", credentials("first"), 0);
      return backend;
    }
  }
}
