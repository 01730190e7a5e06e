/** The embedded store: one encrypted file in a directory that only its owner can enter. */
@NullMarked
package dev.latchkey.store.file;

import org.jspecify.annotations.NullMarked;
