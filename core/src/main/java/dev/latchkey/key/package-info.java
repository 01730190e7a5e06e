/** Keysets as values: identifiers, key states and metadata, templates. Holds no key material. */
@NullMarked
package dev.latchkey.key;

import org.jspecify.annotations.NullMarked;
