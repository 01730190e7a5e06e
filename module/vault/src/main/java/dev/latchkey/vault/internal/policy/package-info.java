/** Renders the Vault policies that an application and its operator need. */
@NullMarked
package dev.latchkey.vault.internal.policy;

import org.jspecify.annotations.NullMarked;
