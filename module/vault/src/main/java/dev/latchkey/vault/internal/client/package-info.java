/**
 * Sends requests to Vault: one connection, one login, answers and errors, proofs that reads are
 * current.
 */
@NullMarked
package dev.latchkey.vault.internal.client;

import org.jspecify.annotations.NullMarked;
