/** Stores keyset documents in KV, wraps them with Transit keys, and erases old versions of both. */
@NullMarked
package dev.latchkey.vault.internal.keyset;

import org.jspecify.annotations.NullMarked;
