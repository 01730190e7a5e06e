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
 * Proves that answers are new. A node that stands by may answer reads by itself and give old data
 * for as long as it is cut off. So this writes into the token's own cubbyhole, which only the
 * active node can do, and whatever is read afterwards carries the index of that write: a node that
 * has not reached it passes the request on to the active one. One such write serves all reads for a
 * while; what they give is proved as of then.
 *
 * <p>Where a server names no index, every answer is new if no node but the active one gives any.
 */
public final class ReadProofs {

  private static final Logger logger = LoggerFactory.getLogger(ReadProofs.class);

  private static final String CUBBYHOLE = "cubbyhole/latchkey";

  /** Allows what this does; a token that holds the policy 'default' may do it anyway. */
  public static final PolicyLine POLICY = PolicyLine.allowing(CUBBYHOLE, "create", "update");

  private final VaultConnection connection;
  private final long interval;
  private final long retry;
  private final LongSupplier nanoTime;
  private volatile ReadProof newest = ReadProof.none(null);
  private @Nullable Long due;
  private @Nullable String problem;

  /** Set as long as the server has never answered anything: then no read is worth waiting for. */
  private @Nullable StoreUnavailableException silence;

  /**
   * @param interval how long one proof serves
   * @param retry how soon after a failure to try again
   * @param nanoTime as {@link System#nanoTime()}
   */
  ReadProofs(VaultConnection connection, Duration interval, Duration retry, LongSupplier nanoTime) {
    this.connection = connection;
    this.interval = interval.toNanos();
    this.retry = retry.toNanos();
    this.nanoTime = nanoTime;
  }

  /**
   * What is proved, by a write that is not older than the interval; otherwise tries it now.
   *
   * @throws StoreUnavailableException if the server has never answered anything
   */
  public synchronized ReadProof current() {
    return due != null && nanoTime.getAsLong() - due < 0 ? known() : renew();
  }

  /**
   * Proves again, for what must be newer than anything known so far.
   *
   * @throws StoreUnavailableException as {@link #current()} does
   */
  public synchronized ReadProof renew() {
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

  /** What every request carries, so that no node answers that is behind it. */
  public @Nullable String index() {
    return newest.index();
  }

  private ReadProof proof() {
    silence = null;
    try {
      VaultAnswer written = connection.post(CUBBYHOLE, Map.of("purpose", "proves reads"));
      if (written.isSuccess() && written.index() != null && written.date() != null) {
        solved();
        return ReadProof.by(written.index(), written.date());
      }
      if (isAnsweredByOneNode()) {
        solved();
        return ReadProof.ALWAYS;
      }
      unsolved(written);
    } catch (StoreUnavailableException ex) {
      if (connection.hasAnswered()) {
        unsolved(String.valueOf(ex.getMessage()), ex.action());
      } else {
        silence = ex;
      }
    } catch (LatchkeyException ex) {
      unsolved(String.valueOf(ex.getMessage()), ex.action());
    }
    return ReadProof.none(newest.index());
  }

  /** Vault's standbys answer nothing by themselves, but for those of its enterprise edition. */
  private boolean isAnsweredByOneNode() {
    Optional<Boolean> several = connection.ask("sys/leader", "ha_enabled");
    if (several.isPresent() && !several.get()) {
      return true;
    }
    Optional<Boolean> enterprise =
        connection.ask("sys/health?standbyok=true&perfstandbyok=true", "enterprise");
    return several.isPresent() && enterprise.isPresent() && !enterprise.get();
  }

  private void unsolved(VaultAnswer written) {
    if (written.status() == 403) {
      unsolved(
          "the token may not write into its own cubbyhole",
          "Add this line to a policy of the application's token:\n  " + POLICY);
    } else if (written.isSuccess()) {
      unsolved(
          "several nodes may answer, and none names an index",
          "Use OpenBao 2.7 or newer, or Vault, or let only the active node answer.");
    } else {
      unsolved(
          "the write into the token's cubbyhole was answered %d, %s"
              .formatted(written.status(), written.words()),
          written.status() == 400
              ? "Give the application a token of type 'service', the only one that has a cubbyhole."
              : "See whether the node that answers is cut off from the active one.");
    }
  }

  private void unsolved(String why, String action) {
    if (!why.equals(problem)) {
      logger.warn("What {} answers is not proved to be new: {}. {}", connection, why, action);
    }
    problem = why;
  }

  private void solved() {
    if (problem != null) {
      logger.info("What {} answers is proved to be new again", connection);
    }
    problem = null;
  }
}
