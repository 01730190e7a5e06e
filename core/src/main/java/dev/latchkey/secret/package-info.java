/** Secrets by reference: the grammar, the port to what holds them, and their look-up. */
@NullMarked
package dev.latchkey.secret;

import org.jspecify.annotations.NullMarked;
