/**
 * Re-encrypts stored data with the primary key, and counts what is still encrypted with older keys.
 */
@NullMarked
package dev.latchkey.reencryption;

import org.jspecify.annotations.NullMarked;
