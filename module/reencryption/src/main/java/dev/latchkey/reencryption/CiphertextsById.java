package dev.latchkey.reencryption;

import dev.latchkey.LatchkeyException;
import dev.latchkey.reencryption.Ciphertexts.Replacement;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/** Ciphertexts that are read and written one at a time. */
record CiphertextsById<I>(String what, Ids<I> ids, Reader<I> reader, Writer<I> writer)
    implements Ciphertexts<I> {

  @Override
  public Iterator<Ciphertext<I>> after(@Nullable I position, int batch) {
    return new Present(ids(position));
  }

  @Override
  public int replace(List<Replacement<I>> replacements) {
    int replaced = 0;
    for (Replacement<I> each : replacements) {
      if (write(each)) {
        replaced++;
      }
    }
    return replaced;
  }

  private Iterator<I> ids(@Nullable I position) {
    try {
      return ids.after(position);
    } catch (RuntimeException ex) {
      throw ex;
    } catch (Exception ex) {
      throw failed("The IDs of the %s cannot be read".formatted(what), ex);
    }
  }

  private @Nullable Ciphertext<I> read(I id) {
    try {
      return reader.read(id);
    } catch (RuntimeException ex) {
      throw ex;
    } catch (Exception ex) {
      throw failed("%s of the %s cannot be read".formatted(id, what), ex);
    }
  }

  private boolean write(Replacement<I> replacement) {
    try {
      return writer.write(replacement.old().id(), replacement.old().bytes(), replacement.bytes());
    } catch (RuntimeException ex) {
      throw ex;
    } catch (Exception ex) {
      throw failed("%s of the %s cannot be written".formatted(replacement.old().id(), what), ex);
    }
  }

  private static LatchkeyException failed(String description, Exception cause) {
    return new LatchkeyException(
        description, "Fix the cause, then resume from the last reported position.", cause);
  }

  /** Skips ciphertexts that no longer exist. */
  private final class Present implements Iterator<Ciphertext<I>> {

    private final Iterator<I> ids;
    private @Nullable Ciphertext<I> next;

    private Present(Iterator<I> ids) {
      this.ids = ids;
    }

    @Override
    public boolean hasNext() {
      while (next == null && ids.hasNext()) {
        next = read(ids.next());
      }
      return next != null;
    }

    @Override
    public Ciphertext<I> next() {
      if (!hasNext() || next == null) {
        throw new NoSuchElementException();
      }
      Ciphertext<I> found = next;
      next = null;
      return found;
    }
  }
}
