/**
 * Secrets by reference: grammar, the ports to what holds them, look-ups, and secrets that rotate.
 */
@NullMarked
package dev.latchkey.secret;

import org.jspecify.annotations.NullMarked;
