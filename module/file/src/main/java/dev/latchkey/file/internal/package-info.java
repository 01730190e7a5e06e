/** The embedded store: one encrypted file in a directory that only its owner can access. */
@NullMarked
package dev.latchkey.file.internal;

import org.jspecify.annotations.NullMarked;
