package dev.latchkey.vault.internal.client;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What is known of how new the server's answers are.
 *
 * @param index the state that a node must have reached to answer by itself, in the server's own
 *     words; null if it names none
 * @param asOf when that state was the newest, by the server's clock; null if it is not known
 * @param always whether every answer is the newest, since only one node gives any
 */
public record ReadProof(@Nullable String index, @Nullable Instant asOf, boolean always) {

  public static final ReadProof ALWAYS = new ReadProof(null, null, true);

  /** A node at least as new as this write answers. */
  public static ReadProof by(String index, Instant writtenAt) {
    return new ReadProof(index, writtenAt, false);
  }

  /** The answer may be an old one, though none from before {@code index}. */
  public static ReadProof none(@Nullable String index) {
    return new ReadProof(index, null, false);
  }

  public boolean proves() {
    return always || asOf != null;
  }

  /** As of when an answer that was asked for with this is the newest; null if nobody knows. */
  public @Nullable Instant provedAt(Instant answeredAt) {
    return always ? answeredAt : asOf;
  }
}
