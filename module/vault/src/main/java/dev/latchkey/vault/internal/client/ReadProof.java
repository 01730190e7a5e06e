package dev.latchkey.vault.internal.client;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What is known about how current a read is.
 *
 * @param index replication index that a node must have reached to answer, as Vault reported it;
 *     null if Vault reports none
 * @param asOf time of the write that produced the index, by Vault's clock; null if unproven
 * @param always whether every read is current because only the active node serves requests
 */
public record ReadProof(@Nullable String index, @Nullable Instant asOf, boolean always) {

  public static final ReadProof ALWAYS = new ReadProof(null, null, true);

  /** Reads reflect at least this write. */
  public static ReadProof by(String index, Instant writtenAt) {
    return new ReadProof(index, writtenAt, false);
  }

  /** Reads may be stale, but not older than {@code index}. */
  public static ReadProof none(@Nullable String index) {
    return new ReadProof(index, null, false);
  }

  public boolean proves() {
    return always || asOf != null;
  }

  /** The time as of which a read with this proof is current; null if unproven. */
  public @Nullable Instant provedAt(Instant answeredAt) {
    return always ? answeredAt : asOf;
  }
}
