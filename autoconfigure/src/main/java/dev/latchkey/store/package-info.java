/** Finds and opens the store of an application's keysets and secrets. */
@NullMarked
package dev.latchkey.store;

import org.jspecify.annotations.NullMarked;
