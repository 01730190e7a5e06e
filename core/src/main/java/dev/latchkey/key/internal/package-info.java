/** Keysets with their key material, and the editor that makes the next generation. */
@NullMarked
package dev.latchkey.key.internal;

import org.jspecify.annotations.NullMarked;
