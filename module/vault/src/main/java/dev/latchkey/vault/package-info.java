/** Extension points of the Vault module. */
@NullMarked
package dev.latchkey.vault;

import org.jspecify.annotations.NullMarked;
