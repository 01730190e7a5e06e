package dev.latchkey.secret.rotating.internal;

import dev.latchkey.follow.internal.Followers;
import dev.latchkey.secret.Lease;
import dev.latchkey.secret.SecretSource;
import dev.latchkey.secret.SecretValue;
import dev.latchkey.secret.SecretValue.Kind;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A source of values that stay the same for the life of the application, such as those in
 * properties. If a value is leased, its lease is renewed for as long as the store allows, and
 * revoked when this is closed.
 *
 * @since 0.1
 */
public final class PinnedSecretSource implements SecretSource, AutoCloseable {

  private static final Logger logger = LoggerFactory.getLogger(PinnedSecretSource.class);

  /** How long closing waits for all leases to be revoked. */
  private static final Duration REVOCATION_TIMEOUT = Duration.ofSeconds(5);

  private final SecretSource source;
  private final Followers followers;
  private final Clock clock;
  private final List<PinnedLease> leases = new ArrayList<>();
  private boolean closed;

  public PinnedSecretSource(SecretSource source, Followers followers, Clock clock) {
    this.source = source;
    this.followers = followers;
    this.clock = clock;
  }

  @Override
  public Optional<SecretValue> read(String path, @Nullable Long version) {
    Instant at = clock.instant();
    Optional<SecretValue> found = source.read(path, version);
    found.ifPresent(value -> pin(path, value, at));
    return found;
  }

  private void pin(String path, SecretValue value, Instant at) {
    if (value.kind() == Kind.STATIC_ROLE) {
      warn(path, "the credentials of a static role, which the store rotates");
    }
    value.lease().ifPresent(lease -> pin(path, lease, at));
  }

  private void pin(String path, Lease lease, Instant at) {
    warn(path, "leased credentials (%ds)".formatted(lease.duration().toSeconds()));
    PinnedLease pinned = PinnedLease.follow(path, lease, at, source, followers, clock);
    boolean isLate;
    synchronized (leases) {
      isLate = closed;
      leases.add(pinned);
    }
    if (isLate) {
      CompletableFuture<@Nullable Void> ignored = pinned.close();
    }
  }

  private static void warn(String path, String what) {
    logger.warn(
        "{} returns {}, and was read once at startup. To follow changes, configure a rotating secret"
            + " with the reference vault@{}",
        path,
        what,
        path);
  }

  @Override
  public void write(String path, Map<String, @Nullable Object> fields, long expectedVersion) {
    source.write(path, fields, expectedVersion);
  }

  @Override
  public String description() {
    return source.description();
  }

  @Override
  public boolean mayWrite(String path) {
    return source.mayWrite(path);
  }

  @Override
  public Optional<String> howToWrite(String path, String field, boolean isFirst) {
    return source.howToWrite(path, field, isFirst);
  }

  /** Revokes all leases. */
  @Override
  public void close() {
    List<PinnedLease> last;
    synchronized (leases) {
      closed = true;
      last = List.copyOf(leases);
    }
    try {
      CompletableFuture.allOf(
              last.stream().map(PinnedLease::close).toArray(CompletableFuture[]::new))
          .get(REVOCATION_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException ex) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException ex) {
      // the source does not respond: then leases expire on their own
    }
  }
}
