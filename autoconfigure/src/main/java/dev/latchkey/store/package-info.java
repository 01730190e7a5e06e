/** Finds and opens the store that keeps an application's keysets, and answers its references. */
@NullMarked
package dev.latchkey.store;

import org.jspecify.annotations.NullMarked;
