/** Sends requests to Vault: one client, one login, and errors that name the fix. */
@NullMarked
package dev.latchkey.vault.internal.client;

import org.jspecify.annotations.NullMarked;
