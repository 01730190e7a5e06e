/** Auto-configuration of keysets: their properties, and when they are opened and refreshed. */
@NullMarked
package dev.latchkey.autoconfigure.key;

import org.jspecify.annotations.NullMarked;
