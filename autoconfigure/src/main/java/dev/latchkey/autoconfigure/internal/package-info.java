/** Parts that Latchkey's own modules share. Applications don't use them. */
@NullMarked
package dev.latchkey.autoconfigure.internal;

import org.jspecify.annotations.NullMarked;
