package dev.latchkey.store.internal;

import dev.latchkey.LatchkeyException;
import dev.latchkey.key.KeysetId;
import dev.latchkey.key.internal.KeysetOrigin;
import dev.latchkey.store.StoreContext;
import java.nio.file.Path;
import java.util.Set;

/**
 * An existing store that keysets are moved out of, as named by {@code
 * latchkey.keysets.<name>.import-from}. The store is not changed.
 *
 * @since 0.1
 */
public interface MovableStore extends KeysetOrigin {

  /**
   * IDs of all keys of a keyset, including destroyed ones.
   *
   * @throws LatchkeyException if the store can't be opened, or doesn't contain the keyset
   */
  Set<Long> keyIds(KeysetId keyset);

  /**
   * Opens one kind of store to move keysets out of it. Registered in {@code
   * META-INF/spring.factories}.
   */
  interface Provider {

    /** The scheme before the colon in {@code import-from}, such as {@code file-store}. */
    String scheme();

    /** The store at a path. Nothing is read yet. */
    MovableStore at(Path path, StoreContext context);
  }
}
