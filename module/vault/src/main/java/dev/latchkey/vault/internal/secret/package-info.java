/** Reads secrets from every kind of secrets engine, renews and revokes leases. */
@NullMarked
package dev.latchkey.vault.internal.secret;

import org.jspecify.annotations.NullMarked;
