/** Reads secrets from any secrets engine, and renews and revokes their leases. */
@NullMarked
package dev.latchkey.vault.internal.secret;

import org.jspecify.annotations.NullMarked;
