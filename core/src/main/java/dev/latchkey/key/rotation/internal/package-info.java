/** Plans and performs the rotation of keysets. */
@NullMarked
package dev.latchkey.key.rotation.internal;

import org.jspecify.annotations.NullMarked;
