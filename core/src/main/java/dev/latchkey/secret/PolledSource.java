package dev.latchkey.secret;

import java.time.Duration;
import java.time.Instant;
import java.util.function.Consumer;

/**
 * Follows a source that knows values and versions only: no leases, no cheaper question for news.
 */
final class PolledSource implements RotatingSource {

  private final SecretSource source;

  PolledSource(SecretSource source) {
    this.source = source;
  }

  @Override
  public SecretReading read(SecretReference reference) {
    return source
        .read(reference.path(), null)
        .map(data -> SecretReading.ofKeyValue(data, null, true))
        .orElseThrow(
            () ->
                new AbsentSecretException(
                    "%s holds nothing at %s".formatted(source.description(), reference.path()),
                    "Write it there before the application starts, or correct the path."));
  }

  @Override
  public SecretNews check(SecretReference reference, SecretReading held) {
    return SecretNews.CHANGED;
  }

  @Override
  public Lease renew(Lease lease, Duration increment) {
    throw new LeaseExpiredException(
        "%s gives no leases".formatted(source.description()), "Read the secret again.");
  }

  @Override
  public void revoke(Lease lease) {
    // there is none
  }

  @Override
  public void onLogin(Consumer<Instant> listener) {
    // there is no login
  }

  @Override
  public String description() {
    return source.description();
  }
}
