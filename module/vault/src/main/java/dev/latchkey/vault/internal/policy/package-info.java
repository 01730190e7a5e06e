/** Renders the Vault policies of the application and its operator. */
@NullMarked
package dev.latchkey.vault.internal.policy;

import org.jspecify.annotations.NullMarked;
