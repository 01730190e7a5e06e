/** Bringing what lies under older keys under the primary key, and counting what does not yet. */
@NullMarked
package dev.latchkey.reencryption;

import org.jspecify.annotations.NullMarked;
