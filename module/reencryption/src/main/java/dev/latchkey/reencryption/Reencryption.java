package dev.latchkey.reencryption;

import dev.latchkey.key.KeysetId;
import dev.latchkey.key.live.Reencryptor;
import dev.latchkey.key.rotation.KeyReferences;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Brings all ciphertexts of a keyset that lie in one place under the primary key, and counts them.
 * Declared as a bean, it also keeps a key from being destroyed while ciphertexts are under it.
 *
 * <pre class="code">
 * &#064;Bean
 * Reencryption&lt;Long&gt; ibans(&#064;RotatingKey("customers") Reencryptor customers, DataSource dataSource) {
 *   return Reencryption.of(
 *       customers, JdbcColumn.of(dataSource, "customer", "id", Long.class, "iban"));
 * }
 * </pre>
 *
 * <p>Immutable: each option gives another one. A run uses as much memory for a million ciphertexts
 * as for a thousand. The keyset may rotate meanwhile, several runs may be under way, and others may
 * write: nothing of theirs is lost.
 *
 * @param <I> the id that tells ciphertexts apart
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

  /** Of these ciphertexts, which were made by that keyset. */
  public static <I> Reencryption<I> of(Reencryptor reencryptor, Ciphertexts<I> ciphertexts) {
    return new Reencryption<>(reencryptor, ciphertexts, DEFAULT_BATCH, null, progress -> {});
  }

  /** With so many ciphertexts at a time; 500 unless it is said. */
  public Reencryption<I> withBatch(int size) {
    if (size < 1) {
      throw new IllegalArgumentException("A batch of " + size);
    }
    return new Reencryption<>(reencryptor, ciphertexts, size, position, listener);
  }

  /**
   * From another place than the beginning.
   *
   * @param done the {@linkplain Progress#position() position} that a run came to; null for all
   */
  public Reencryption<I> startingAfter(@Nullable I done) {
    return new Reencryption<>(reencryptor, ciphertexts, batch, done, listener);
  }

  /**
   * Telling of each batch when it is done, such as to keep the position. What the listener throws
   * ends the run.
   */
  public Reencryption<I> onProgress(Consumer<? super Progress<I>> told) {
    return new Reencryption<>(reencryptor, ciphertexts, batch, position, told);
  }

  /**
   * Renews what {@linkplain Reencryptor#needsReencryption needs it}, batch after batch, on this
   * thread. What cannot be decrypted is left as it is and counted. Ends early, and says so, when
   * the thread is interrupted: then nothing more is read.
   *
   * @throws dev.latchkey.LatchkeyException if ciphertexts cannot be read or written; batches before
   *     are done
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

  /** Reads all ciphertexts and counts them by key; decrypts and writes nothing. */
  public Census census() {
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
    return new Census(counts, unknown);
  }

  /** Counts what is under a key; 0 for keys of other keysets. */
  @Override
  public long count(KeysetId keyset, long keyId) {
    if (!keyset.name().equals(reencryptor.keyset())) {
      return 0;
    }
    if (!reencryptor.identifies(keyId)) { // whatever names no key may be under it
      return census().unknown();
    }
    byte[] prefix = ByteBuffer.allocate(5).put((byte) 1).putInt((int) keyId).array();
    OptionalLong counted = ciphertexts.countStartingWith(prefix);
    return counted.isPresent() ? counted.getAsLong() : census().under(keyId);
  }

  @Override
  public String what() {
    return ciphertexts.what();
  }

  @Override
  public String toString() {
    return "Reencryption[%s of keyset %s]".formatted(what(), reencryptor.keyset());
  }
}
