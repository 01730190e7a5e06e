/** Keysets as values, the registry that holds them, and the ports to what keeps them. */
@NullMarked
package dev.latchkey.keyset;

import org.jspecify.annotations.NullMarked;
