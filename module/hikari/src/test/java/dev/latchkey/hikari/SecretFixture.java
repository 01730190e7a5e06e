package dev.latchkey.hikari;

import dev.latchkey.follow.internal.Followers;
import dev.latchkey.secret.RotatingSecret;
import dev.latchkey.secret.SecretReference;
import dev.latchkey.secret.rotating.internal.RotatingSecretDefinition;
import dev.latchkey.secret.rotating.internal.RotatingSecrets;
import dev.latchkey.test.MutableClock;
import dev.latchkey.test.internal.RecordingSecretSource;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/** A secret whose store the test writes to. */
final class SecretFixture implements AutoCloseable {

  static final String PATH = "secret/orders-db";

  private static final Duration NEVER = Duration.ofDays(1);

  final RecordingSecretSource store =
      new RecordingSecretSource().with(PATH, "username", "app").with(PATH, "password", "first");
  final MutableClock clock = new MutableClock(Instant.parse("2026-01-01T00:00:00Z"));
  private final RotatingSecrets secrets =
      new RotatingSecrets(
          List.of(
              new RotatingSecretDefinition(
                  "orders-db", SecretReference.parsePath("vault@" + PATH), Duration.ZERO, NEVER)),
          () -> store,
          NEVER,
          new Followers(clock),
          clock,
          event -> {});
  final RotatingSecret secret;

  SecretFixture() {
    secret = secrets.at(SecretReference.parsePath("vault@" + PATH));
  }

  /** Writes a password that the secret is not told of. */
  void write(String password) {
    store.with(PATH, "password", password);
  }

  /** Writes a password and lets the secret read it. */
  void rotate(String password) {
    write(password);
    while (!secret.get("password").equals(password)) {
      secret.refresh(Duration.ofSeconds(10)); // it may share an answer that is older
    }
  }

  @Override
  public void close() {
    secrets.close();
  }
}
