package dev.latchkey.vault.internal.client;

import dev.latchkey.LatchkeyException;
import dev.latchkey.StoreUnavailableException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Proves that reads are current. A standby that serves reads returns stale data while it is cut off
 * from the active node. Latchkey therefore writes to the token's cubbyhole, which only the active
 * node can do, and sends the replication index of that write with every read: a standby that has
 * not reached it forwards the request. One write serves all reads for an interval and proves them
 * as of its own time.
 *
 * <p>If a server reports no index, reads are current if only the active node serves requests.
 */
public final class ReadProofs {

  private static final Logger logger = LoggerFactory.getLogger(ReadProofs.class);

  private static final String CUBBYHOLE = "cubbyhole/latchkey";

  /** Allows the write, which Vault's {@code default} policy also allows. */
  public static final PolicyLine POLICY = PolicyLine.allowing(CUBBYHOLE, "create", "update");

  private final VaultConnection connection;
  private final long interval;
  private final long retry;
  private final LongSupplier nanoTime;
  private volatile ReadProof newest = ReadProof.none(null);
  private @Nullable Long due;
  private @Nullable String problem;

  /** Set while the server has never responded, so that reads fail without waiting again. */
  private @Nullable StoreUnavailableException silence;

  /**
   * @param interval how long a proof is used
   * @param retry delay after a failed proof
   * @param nanoTime the age of a proof, as {@link System#nanoTime()} measures it
   */
  ReadProofs(VaultConnection connection, Duration interval, Duration retry, LongSupplier nanoTime) {
    this.connection = connection;
    this.interval = interval.toNanos();
    this.retry = retry.toNanos();
    this.nanoTime = nanoTime;
  }

  /**
   * A proof that is not older than the interval; writes a new one if necessary.
   *
   * @throws StoreUnavailableException if the server has never responded
   */
  public synchronized ReadProof current() {
    return due != null && nanoTime.getAsLong() - due < 0 ? known() : prove();
  }

  /**
   * Writes a new proof, for a read that must reflect everything up to now.
   *
   * @throws StoreUnavailableException if the server has never responded
   */
  public synchronized ReadProof prove() {
    newest = proof();
    due = nanoTime.getAsLong() + (newest.proves() ? interval : retry);
    return known();
  }

  private ReadProof known() {
    if (silence != null) {
      throw silence;
    }
    return newest;
  }

  /** The replication index that every request requires of the node that responds. */
  public @Nullable String index() {
    return newest.index();
  }

  private ReadProof proof() {
    silence = null;
    try {
      VaultAnswer written = connection.post(CUBBYHOLE, Map.of("purpose", "proves reads"));
      if (written.isSuccess() && written.index() != null && written.date() != null) {
        proven();
        return ReadProof.by(written.index(), written.date());
      }
      if (isServedByActiveNodeOnly()) {
        proven();
        return ReadProof.ALWAYS;
      }
      unproven(written);
    } catch (StoreUnavailableException ex) {
      if (connection.hasAnswered()) {
        unproven(String.valueOf(ex.getMessage()), ex.action());
      } else {
        silence = ex;
      }
    } catch (LatchkeyException ex) {
      unproven(String.valueOf(ex.getMessage()), ex.action());
    }
    return ReadProof.none(newest.index());
  }

  /** Standbys of Vault serve reads in the Enterprise edition only. */
  private boolean isServedByActiveNodeOnly() {
    Optional<Boolean> several = connection.ask("sys/leader", "ha_enabled");
    if (several.isPresent() && !several.get()) {
      return true;
    }
    Optional<Boolean> enterprise =
        connection.ask("sys/health?standbyok=true&perfstandbyok=true", "enterprise");
    return several.isPresent() && enterprise.isPresent() && !enterprise.get();
  }

  private void unproven(VaultAnswer written) {
    if (written.isDenied()) {
      unproven(
          "the token may not write to its cubbyhole",
          "Add this line to a policy of the application's token:\n  " + POLICY);
    } else if (written.isSuccess()) {
      unproven(
          "several nodes serve reads, and none reports a replication index",
          "Use Vault or OpenBao 2.7 or newer, or route all requests to the active node.");
    } else {
      unproven(
          "the write to the token's cubbyhole returned status %d, %s"
              .formatted(written.status(), written.words()),
          written.status() == 400
              ? "Use a token of type 'service': only those have a cubbyhole."
              : "Check the connection between this node and the active node.");
    }
  }

  private void unproven(String why, String action) {
    if (!why.equals(problem)) {
      logger.warn("Reads from {} are unproven: {}. {}", connection, why, action);
    }
    problem = why;
  }

  private void proven() {
    if (problem != null) {
      logger.info("Reads from {} are proven again", connection);
    }
    problem = null;
  }
}
