package dev.latchkey.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.client.RotatingCredentials;
import dev.latchkey.follow.internal.Followers;
import dev.latchkey.secret.RotatingSecret;
import dev.latchkey.secret.SecretReference;
import dev.latchkey.secret.rotating.internal.RotatingSecretDefinition;
import dev.latchkey.secret.rotating.internal.RotatingSecrets;
import dev.latchkey.test.internal.RecordingSecretSource;
import io.lettuce.core.RedisCredentials;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RotatingRedisCredentialsTests {

  private static final String PATH = "secret/cache";
  private static final Duration NEVER = Duration.ofDays(1);

  private final RecordingSecretSource store =
      new RecordingSecretSource().with(PATH, "username", "app").with(PATH, "password", "first");
  private final RotatingSecrets secrets =
      new RotatingSecrets(
          List.of(
              new RotatingSecretDefinition(
                  "cache", SecretReference.parsePath("vault@" + PATH), Duration.ZERO, NEVER)),
          () -> store,
          NEVER,
          new Followers(Clock.systemUTC()),
          Clock.systemUTC(),
          event -> {});
  private final RotatingSecret secret = secrets.at(SecretReference.parsePath("vault@" + PATH));
  private final RotatingRedisCredentials credentials =
      new RotatingRedisCredentials(RotatingCredentials.of(secret));

  @AfterEach
  void close() {
    secrets.close();
  }

  private void rotate(String field, String value) {
    store.with(PATH, field, value);
    assertThat(secret.refresh(Duration.ofSeconds(10))).isTrue();
  }

  private static String password(RedisCredentials given) {
    return new String(given.getPassword());
  }

  @Test
  void missesNoRotationWhenItHappensWhileAConnectionSubscribes() {
    List<String> given = new ArrayList<>();

    credentials
        .credentials()
        .subscribe(
            each -> {
              given.add(password(each));
              if (given.size() == 1) {
                rotate("password", "second");
              }
            });

    assertThat(given).containsExactly("first", "second");
  }

  @Test
  void continuesWhenAVersionHasNoPassword() {
    RotatingRedisCredentials others =
        new RotatingRedisCredentials(RotatingCredentials.of(secret, "username", "token"));
    List<String> given = new ArrayList<>();
    others.credentials().subscribe(each -> given.add(password(each)));

    rotate("username", "other");
    rotate("token", "third");

    assertThat(given).containsExactly("third");
  }
}
