/** Ports to the stores and key-encryption keys that keep keysets. */
@NullMarked
package dev.latchkey.key.document;

import org.jspecify.annotations.NullMarked;
