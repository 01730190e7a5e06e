/** The {@code rotation} endpoint and the health of keys and secrets. */
@NullMarked
package dev.latchkey.actuate;

import org.jspecify.annotations.NullMarked;
