/** Re-encryption of a real database. */
@NullMarked
package dev.latchkey.reencryption;

import org.jspecify.annotations.NullMarked;
