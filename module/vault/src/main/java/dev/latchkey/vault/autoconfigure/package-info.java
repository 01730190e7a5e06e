/** Configures the Vault store from the properties under {@code latchkey.vault}. */
@NullMarked
package dev.latchkey.vault.autoconfigure;

import org.jspecify.annotations.NullMarked;
