/** Keeps secrets out of endpoints and messages about properties. */
@NullMarked
package dev.latchkey.env.internal.masking;

import org.jspecify.annotations.NullMarked;
