/** Stores keyset documents in KV, wraps them with Transit keys, and erases them. */
@NullMarked
package dev.latchkey.vault.internal.keyset;

import org.jspecify.annotations.NullMarked;
