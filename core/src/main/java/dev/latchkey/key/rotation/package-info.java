/** The rotation policy of keysets, their status and their events. Holds no key material. */
@NullMarked
package dev.latchkey.key.rotation;

import org.jspecify.annotations.NullMarked;
