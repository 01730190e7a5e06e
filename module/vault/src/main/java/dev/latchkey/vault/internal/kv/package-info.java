/** Reads and writes the KV secrets engine, and looks up mounts. */
@NullMarked
package dev.latchkey.vault.internal.kv;

import org.jspecify.annotations.NullMarked;
