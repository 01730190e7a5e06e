/** Connects to Vault, and logs in, as the properties under {@code latchkey.vault} say. */
@NullMarked
package dev.latchkey.vault.autoconfigure;

import org.jspecify.annotations.NullMarked;
