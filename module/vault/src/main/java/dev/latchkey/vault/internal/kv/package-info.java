/** Reads and writes the KV secrets engine, and finds the mount of a path. */
@NullMarked
package dev.latchkey.vault.internal.kv;

import org.jspecify.annotations.NullMarked;
