/** A store that lives as long as the process: for tests. */
@NullMarked
package dev.latchkey.memory;

import org.jspecify.annotations.NullMarked;
