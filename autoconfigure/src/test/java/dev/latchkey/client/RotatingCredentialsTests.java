package dev.latchkey.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.latchkey.LatchkeyException;
import dev.latchkey.follow.internal.Followers;
import dev.latchkey.secret.RotatingSecret;
import dev.latchkey.secret.SecretReference;
import dev.latchkey.secret.rotating.internal.RotatingSecretDefinition;
import dev.latchkey.secret.rotating.internal.RotatingSecrets;
import dev.latchkey.test.internal.RecordingSecretSource;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RotatingCredentialsTests {

  private static final String PATH = "secret/broker";
  private static final Duration NEVER = Duration.ofDays(1);
  private static final Duration LONG = Duration.ofSeconds(10);

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
  private final RotatingSecret secret = open();
  private final RotatingCredentials credentials = RotatingCredentials.of(secret);

  private RotatingSecret open() {
    write(1);
    RotatingSecret opened = secrets.get("broker");
    assertThat(opened.current().version()).isEqualTo(1);
    return opened;
  }

  private void write(int version) {
    store.write(
        PATH,
        new TreeMap<>(Map.of("username", "user" + version, "password", "password" + version)),
        version - 1);
  }

  @AfterEach
  void close() {
    secrets.close();
  }

  @Test
  void keepsUsernameAndPasswordTogetherWhenTheSecretRotatesInBetween() {
    UsernamePassword one = credentials.current();
    String username = one.username();
    write(2);
    credentials.refresh(LONG);

    assertThat(username + "/" + one.password()).isEqualTo("user1/password1");
    UsernamePassword next = credentials.current();
    assertThat(next.username() + "/" + next.password()).isEqualTo("user2/password2");
  }

  @Test
  void retriesWithNewerCredentialsWhenTheFirstAreRejected() {
    write(2);
    List<String> attempts = new ArrayList<>();

    String session = credentials.login(used -> attempt(used, attempts), Rejected.class::isInstance);

    assertThat(session).isEqualTo("session of user2");
    assertThat(attempts).containsExactly("user1", "user2");
  }

  private static String attempt(UsernamePassword used, List<String> attempts) {
    attempts.add(used.username());
    if (used.username().equals("user1")) {
      throw new Rejected();
    }
    return "session of " + used.username();
  }

  @Test
  void doesNotReadTheSecretWhenTheLoginFailsForAnotherReason() {
    assertThatExceptionOfType(IllegalStateException.class)
        .isThrownBy(
            () ->
                credentials.login(
                    used -> {
                      throw new IllegalStateException();
                    },
                    Rejected.class::isInstance));
    assertThat(store.reads()).hasSize(1);
  }

  @Test
  void doesNotReadTheSecretWhenItRotatedSinceTheLoginBegan() {
    List<String> attempts = new ArrayList<>();

    credentials.login(
        used -> {
          if (attempts.isEmpty()) {
            write(2);
            credentials.refresh(LONG);
          }
          return attempt(used, attempts);
        },
        Rejected.class::isInstance);

    assertThat(attempts).containsExactly("user1", "user2");
    assertThat(store.reads()).hasSize(2);
  }

  @Test
  void readsTheSecretOnceForAllCallersThatAreRejectedTogether() throws Exception {
    int callers = 8;
    CountDownLatch rejected = new CountDownLatch(callers);
    write(2);
    store.beforeRead(path -> await(rejected));
    ExecutorService threads = Executors.newFixedThreadPool(callers);
    try {
      List<Future<String>> logins =
          IntStream.range(0, callers)
              .mapToObj(
                  each ->
                      threads.submit(
                          () ->
                              credentials.login(
                                  used -> {
                                    rejected.countDown();
                                    return attempt(used, new ArrayList<>());
                                  },
                                  Rejected.class::isInstance)))
              .toList();
      for (Future<String> login : logins) {
        assertThat(login.get()).isEqualTo("session of user2");
      }
    } finally {
      threads.shutdownNow();
    }
    assertThat(store.reads()).as("the first one opened the secret").hasSize(2);
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException ex) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void waitsForNewerCredentialsAfterARejection() {
    UsernamePassword used = credentials.current();
    write(2);

    credentials.reject(used);

    assertThat(credentials.next().username()).isEqualTo("user2");
    assertThat(credentials.isRejected()).isFalse();
  }

  @Test
  void usesTheDefaultUsernameWhenTheSecretHoldsNone() {
    RotatingCredentials others = RotatingCredentials.of(secret, "user", "password");

    assertThat(others.current().hasUsername()).isFalse();
    assertThatExceptionOfType(LatchkeyException.class)
        .isThrownBy(() -> others.current().username())
        .withMessageContaining("'user'");
    assertThat(others.withDefaultUsername("me").current().username()).isEqualTo("me");
    assertThat(credentials.withDefaultUsername("me").current().username()).isEqualTo("user1");
  }

  @Test
  void printsNoSecret() {
    assertThat(credentials + " " + credentials.current()).doesNotContain("user1", "password1");
  }

  private static final class Rejected extends RuntimeException {}
}
