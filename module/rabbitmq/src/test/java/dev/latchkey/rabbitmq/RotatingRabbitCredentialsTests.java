package dev.latchkey.rabbitmq;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.DefaultSaslConfig;
import com.rabbitmq.client.SaslMechanism;
import dev.latchkey.client.RotatingCredentials;
import dev.latchkey.follow.internal.Followers;
import dev.latchkey.secret.SecretReference;
import dev.latchkey.secret.rotating.internal.RotatingSecretDefinition;
import dev.latchkey.secret.rotating.internal.RotatingSecrets;
import dev.latchkey.test.internal.RecordingSecretSource;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RotatingRabbitCredentialsTests {

  private static final String PATH = "secret/broker";
  private static final Duration NEVER = Duration.ofDays(1);
  private static final String[] OFFERED = {"PLAIN", "AMQPLAIN"};

  private final RecordingSecretSource store = new RecordingSecretSource();
  private final RotatingSecrets secrets =
      new RotatingSecrets(
          List.of(
              new RotatingSecretDefinition(
                  "broker", SecretReference.parsePath("vault@" + PATH), Duration.ZERO, NEVER)),
          () -> store,
          NEVER,
          new Followers(Clock.systemUTC()),
          Clock.systemUTC(),
          event -> {});
  private final ConnectionFactory factory = new ConnectionFactory();

  @BeforeEach
  void connect() {
    write(1);
    assertThat(secrets.get("broker").current().version()).isEqualTo(1);
    RotatingRabbitCredentials.applyTo(
        factory, RotatingCredentials.of(secrets.get("broker")).withDefaultUsername("guest"));
  }

  @AfterEach
  void close() {
    secrets.close();
  }

  @Test
  void logsInWithOneVersionWhenTheSecretRotatesBetweenTheClientsTwoCalls() {
    SaslMechanism login = mechanism(factory);
    String username = factory.getUsername();
    rotateTo(2);
    String password = factory.getPassword();
    assertThat(username + "/" + password)
        .as("what the client asks for")
        .isEqualTo("user1/password2");

    assertThat(answer(login, username, password)).isEqualTo("\0user1\0password1");
    assertThat(answer(mechanism(factory), username, password)).isEqualTo("\0user2\0password2");
  }

  @Test
  void logsInWithTheSecretWhenTheFactoryIsAClone() {
    assertThat(answer(mechanism(factory.clone()), "", "")).isEqualTo("\0user1\0password1");
  }

  @Test
  void keepsTheMechanismWhenTheFactoryHasOneOfItsOwn() {
    ConnectionFactory external = new ConnectionFactory();
    external.setSaslConfig(DefaultSaslConfig.EXTERNAL);
    RotatingRabbitCredentials.applyTo(external, RotatingCredentials.of(secrets.get("broker")));

    assertThat(external.getSaslConfig().getSaslMechanism(new String[] {"EXTERNAL"}).getName())
        .isEqualTo("EXTERNAL");
    assertThat(external.getSaslConfig().getSaslMechanism(OFFERED)).isNull();
  }

  private static SaslMechanism mechanism(ConnectionFactory factory) {
    return factory.getSaslConfig().getSaslMechanism(OFFERED);
  }

  private static String answer(SaslMechanism login, String username, String password) {
    return login.handleChallenge(null, username, password).toString();
  }

  private void rotateTo(int version) {
    write(version);
    while (!secrets.get("broker").get("username").equals("user" + version)) {
      secrets.get("broker").refresh(Duration.ofSeconds(10)); // it may share an older answer
    }
  }

  private void write(int version) {
    store.write(
        PATH,
        new TreeMap<>(Map.of("username", "user" + version, "password", "password" + version)),
        version - 1);
  }
}
