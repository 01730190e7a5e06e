/** An in-memory store for tests. */
@NullMarked
package dev.latchkey.memory.internal;

import org.jspecify.annotations.NullMarked;
