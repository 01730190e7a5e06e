/** An in-memory store for tests. */
@NullMarked
package dev.latchkey.memory;

import org.jspecify.annotations.NullMarked;
