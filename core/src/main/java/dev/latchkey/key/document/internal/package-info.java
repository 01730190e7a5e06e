/** The stored form of keysets, and the repository that reads and writes it. */
@NullMarked
package dev.latchkey.key.document.internal;

import org.jspecify.annotations.NullMarked;
