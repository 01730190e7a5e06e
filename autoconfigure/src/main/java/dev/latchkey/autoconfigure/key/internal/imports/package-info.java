/** Import of existing keys into a keyset that does not exist yet. */
@NullMarked
package dev.latchkey.autoconfigure.key.internal.imports;

import org.jspecify.annotations.NullMarked;
