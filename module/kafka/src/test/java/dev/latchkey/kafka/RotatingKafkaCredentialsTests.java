package dev.latchkey.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.client.RotatingCredentials;
import dev.latchkey.follow.internal.Followers;
import dev.latchkey.secret.RotatingSecret;
import dev.latchkey.secret.SecretReference;
import dev.latchkey.secret.rotating.internal.RotatingSecretDefinition;
import dev.latchkey.secret.rotating.internal.RotatingSecrets;
import dev.latchkey.test.internal.RecordingSecretSource;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import javax.security.auth.callback.Callback;
import javax.security.auth.callback.NameCallback;
import javax.security.auth.callback.PasswordCallback;
import javax.security.auth.callback.UnsupportedCallbackException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The connections of one client, whose logins overlap. */
class RotatingKafkaCredentialsTests {

  private static final String PATH = "secret/broker";
  private static final String MECHANISM = "SCRAM-SHA-512";
  private static final Duration NEVER = Duration.ofDays(1);

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
  private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE);
  private final RotatingKafkaCredentials credentials = new RotatingKafkaCredentials(nanos::get);

  @BeforeEach
  void configure() {
    write(1);
    credentials.configure(
        RotatingKafkaCredentials.configuration(
            RotatingCredentials.of(secrets.at(SecretReference.parsePath("vault@" + PATH))),
            MECHANISM),
        MECHANISM,
        List.of());
  }

  @AfterEach
  void close() {
    secrets.close();
  }

  @Test
  void usesOneVersionWhenLoginsOverlap() throws UnsupportedCallbackException {
    assertThat(user()).isEqualTo("user1");
    rotateTo(2);
    pass(Duration.ofMillis(999));
    assertThat(user()).isEqualTo("user1");
    assertThat(password()).isEqualTo("password1");
    assertThat(user()).isEqualTo("user1");
    assertThat(password()).isEqualTo("password1");
    assertThat(password()).isEqualTo("password1");

    assertThat(user()).isEqualTo("user2");
    assertThat(password()).isEqualTo("password2");
  }

  @Test
  void usesTheNewVersionAfterASecondWhenALoginNeverAsksForThePassword()
      throws UnsupportedCallbackException {
    assertThat(user()).isEqualTo("user1");
    pass(Duration.ofMillis(500));
    assertThat(user()).isEqualTo("user1");
    rotateTo(2);
    pass(Duration.ofMillis(999));
    assertThat(user()).isEqualTo("user1");

    pass(Duration.ofMillis(1));

    assertThat(user()).isEqualTo("user2");
    assertThat(password()).isEqualTo("password2");
  }

  @Test
  void forgetsALoginWhenItNeverAsksForThePassword() throws UnsupportedCallbackException {
    user();
    pass(Duration.ofSeconds(1));
    user();
    password();
    rotateTo(2);

    assertThat(user()).isEqualTo("user2");
  }

  @Test
  void usesTheNewVersionAtOnceWhenBothAreAskedForTogether() throws UnsupportedCallbackException {
    for (int version = 1; version <= 3; version++) {
      NameCallback user = new NameCallback("user");
      PasswordCallback password = new PasswordCallback("password", false);
      credentials.handle(new Callback[] {user, password});
      assertThat(user.getName()).isEqualTo("user" + version);
      assertThat(password.getPassword()).isEqualTo(("password" + version).toCharArray());
      rotateTo(version + 1);
    }
  }

  private String user() throws UnsupportedCallbackException {
    NameCallback user = new NameCallback("user");
    credentials.handle(new Callback[] {user});
    return user.getName();
  }

  private String password() throws UnsupportedCallbackException {
    PasswordCallback password = new PasswordCallback("password", false);
    credentials.handle(new Callback[] {password});
    return new String(password.getPassword());
  }

  private void pass(Duration time) {
    nanos.addAndGet(time.toNanos());
  }

  private void rotateTo(int version) {
    RotatingSecret secret = secrets.get("broker");
    write(version);
    while (!secret.get("username").equals("user" + version)) {
      secret.refresh(Duration.ofSeconds(10)); // it may share an answer that is older
    }
  }

  private void write(int version) {
    store.write(
        PATH,
        new TreeMap<>(Map.of("username", "user" + version, "password", "password" + version)),
        version - 1);
  }
}
