package dev.latchkey.store;

import dev.latchkey.LatchkeyException;

/**
 * Opens one type of store. Providers are registered in {@code META-INF/spring.factories} and found
 * by the name of their type, so a module adds a store without a change elsewhere.
 *
 * <p>Providers are asked in the order of {@link org.springframework.core.annotation.Order}.
 *
 * @since 0.1
 */
public interface StoreProvider {

  /** Name of the type, as in {@code latchkey.store.type}. */
  String type();

  /**
   * Whether this store is used if {@code latchkey.store.type} is not set.
   *
   * @throws LatchkeyException if it would be the default, but must be configured explicitly here
   */
  default boolean isDefault(StoreContext context) {
    return false;
  }

  /**
   * Opens the store. A store on a server sends no request yet.
   *
   * @throws LatchkeyException if the properties don't describe a store that can be opened
   */
  Backend open(StoreContext context);
}
