package dev.latchkey.reencryption;

import dev.latchkey.key.KeysetId;
import dev.latchkey.key.live.Reencryptor;
import dev.latchkey.key.rotation.KeyReferences;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Re-encrypts all ciphertexts of a keyset in one place with the primary key, and counts them by
 * key. As a bean, it also prevents the destruction of a key that data is still encrypted with.
 *
 * <pre class="code">
 * &#064;Bean
 * Reencryption&lt;Long&gt; ibans(&#064;RotatingKey("customers") Reencryptor customers, DataSource dataSource) {
 *   return Reencryption.of(
 *       customers, JdbcColumn.of(dataSource, "customer", "id", Long.class, "iban"));
 * }
 * </pre>
 *
 * <p>Immutable: each option returns a new instance. A run uses the same memory for a million
 * ciphertexts as for a thousand. The keyset may rotate during a run, several runs may overlap, and
 * the application may write: no write is lost.
 *
 * @param <I> type of the ID that identifies a ciphertext
 * @since 0.1
 */
public final class Reencryption<I> implements KeyReferences {

  private static final int DEFAULT_BATCH = 500;

  private final Reencryptor reencryptor;
  private final Ciphertexts<I> ciphertexts;
  private final int batch;
  private final @Nullable I position;
  private final Consumer<? super Progress<I>> listener;

  private Reencryption(
      Reencryptor reencryptor,
      Ciphertexts<I> ciphertexts,
      int batch,
      @Nullable I position,
      Consumer<? super Progress<I>> listener) {
    this.reencryptor = reencryptor;
    this.ciphertexts = ciphertexts;
    this.batch = batch;
    this.position = position;
    this.listener = listener;
  }

  /** Re-encrypts ciphertexts of a keyset. */
  public static <I> Reencryption<I> of(Reencryptor reencryptor, Ciphertexts<I> ciphertexts) {
    return new Reencryption<>(reencryptor, ciphertexts, DEFAULT_BATCH, null, progress -> {});
  }

  /** Sets the number of ciphertexts that are written together. Defaults to 500. */
  public Reencryption<I> withBatch(int size) {
    if (size < 1) {
      throw new IllegalArgumentException("Batch size " + size);
    }
    return new Reencryption<>(reencryptor, ciphertexts, size, position, listener);
  }

  /**
   * Resumes after a position instead of at the beginning.
   *
   * @param done the {@linkplain Progress#position() position} of an earlier run, or null for all
   */
  public Reencryption<I> startingAfter(@Nullable I done) {
    return new Reencryption<>(reencryptor, ciphertexts, batch, done, listener);
  }

  /**
   * Calls a listener after each batch, which may save the position. An exception of the listener
   * ends the run.
   */
  public Reencryption<I> onProgress(Consumer<? super Progress<I>> notified) {
    return new Reencryption<>(reencryptor, ciphertexts, batch, position, notified);
  }

  /**
   * Re-encrypts what {@linkplain Reencryptor#needsReencryption needs it}, in batches, on this
   * thread. What cannot be decrypted is counted and not changed. If the thread is interrupted, the
   * run ends early and is not {@linkplain Progress#complete() complete}.
   *
   * @throws dev.latchkey.LatchkeyException if ciphertexts cannot be read or written; earlier
   *     batches are written
   */
  public Progress<I> run() {
    Run<I> run = new Run<>(reencryptor, ciphertexts, position);
    Iterator<Ciphertext<I>> all = ciphertexts.after(position, batch);
    while (!Thread.currentThread().isInterrupted()) {
      if (!all.hasNext()) {
        return run.end(true);
      }
      for (int i = 0; i < batch && all.hasNext(); i++) {
        run.take(all.next());
      }
      run.write();
      listener.accept(run.progress(false));
    }
    return run.end(false);
  }

  /** Reads all ciphertexts and counts them by key. Decrypts and writes nothing. */
  public KeyCounts countByKey() {
    Map<Long, Long> counts = new HashMap<>();
    long unknown = 0;
    Iterator<Ciphertext<I>> all = ciphertexts.after(null, batch);
    while (all.hasNext()) {
      OptionalLong key = reencryptor.keyId(all.next().bytes());
      if (key.isPresent()) {
        counts.merge(key.getAsLong(), 1L, Long::sum);
      } else {
        unknown++;
      }
    }
    return new KeyCounts(counts, unknown);
  }

  /** Counts what is encrypted with a key; 0 for keys of other keysets. */
  @Override
  public long count(KeysetId keyset, long keyId) {
    if (!keyset.name().equals(reencryptor.keyset())) {
      return 0;
    }
    if (!reencryptor.identifies(keyId)) { // what has no key ID may be encrypted with it
      return countByKey().unknown();
    }
    byte[] prefix = ByteBuffer.allocate(5).put((byte) 1).putInt((int) keyId).array();
    OptionalLong counted = ciphertexts.countStartingWith(prefix);
    return counted.isPresent() ? counted.getAsLong() : countByKey().of(keyId);
  }

  @Override
  public String what() {
    return ciphertexts.what();
  }

  @Override
  public String toString() {
    return "Reencryption[%s of keyset %s]".formatted(what(), reencryptor.keyset());
  }

  /**
   * How many ciphertexts are encrypted with each key.
   *
   * @param counts ciphertexts by key ID, without keys that have none
   * @param unknown ciphertexts without the ID of a key in the keyset
   */
  public record KeyCounts(Map<Long, Long> counts, long unknown) {

    public KeyCounts {
      counts = Map.copyOf(counts);
    }

    /** How many are encrypted with a key. */
    public long of(long keyId) {
      return counts.getOrDefault(keyId, 0L);
    }

    @Override
    public String toString() {
      return "KeyCounts[%s, unknown=%d]".formatted(new TreeMap<>(counts), unknown);
    }
  }
}
