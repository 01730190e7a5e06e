package dev.latchkey.secret;

import java.time.Duration;

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
        .read(reference.path(), reference.version())
        .map(SecretReading::ofKeyValue)
        .orElseThrow(
            () ->
                new AbsentSecretException(
                    "%s holds nothing at %s".formatted(source.description(), reference.path()),
                    "Write it there before the application starts, or correct the path."));
  }

  @Override
  public boolean mayDiffer(SecretReference reference, long version) {
    return true;
  }

  @Override
  public Lease renew(Lease lease, Duration increment) {
    throw new LeaseEndedException(
        "%s gives no leases".formatted(source.description()), "Read the secret again.");
  }

  @Override
  public void revoke(Lease lease) {
    // there is none
  }

  @Override
  public String description() {
    return source.description();
  }
}
