/** What keys and secrets share, for our own rooms only. */
@NullMarked
package dev.latchkey.internal;

import org.jspecify.annotations.NullMarked;
