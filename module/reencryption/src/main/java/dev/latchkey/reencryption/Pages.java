package dev.latchkey.reencryption;

import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Reads pages lazily, one after another. */
final class Pages<I> implements Iterator<Ciphertext<I>> {

  private final Function<@Nullable I, List<Ciphertext<I>>> pageAfter;
  private @Nullable I last;
  private Iterator<Ciphertext<I>> page = List.<Ciphertext<I>>of().iterator();
  private boolean ended;

  /**
   * @param pageAfter returns the page after an ID, or the first page for null; empty at the end
   */
  Pages(@Nullable I position, Function<@Nullable I, List<Ciphertext<I>>> pageAfter) {
    this.last = position;
    this.pageAfter = pageAfter;
  }

  @Override
  public boolean hasNext() {
    if (!page.hasNext() && !ended) {
      List<Ciphertext<I>> next = pageAfter.apply(last);
      page = next.iterator();
      ended = next.isEmpty();
    }
    return page.hasNext();
  }

  @Override
  public Ciphertext<I> next() {
    if (!hasNext()) {
      throw new NoSuchElementException();
    }
    Ciphertext<I> next = page.next();
    last = next.id();
    return next;
  }
}
