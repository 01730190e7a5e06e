/** Reads existing Tink keysets, which a new keyset can start from. */
@NullMarked
package dev.latchkey.key.internal.tink;

import org.jspecify.annotations.NullMarked;
