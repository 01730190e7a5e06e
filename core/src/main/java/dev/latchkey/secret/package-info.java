/** Secrets by reference: their values, the port to the stores that hold them, events and status. */
@NullMarked
package dev.latchkey.secret;

import org.jspecify.annotations.NullMarked;
