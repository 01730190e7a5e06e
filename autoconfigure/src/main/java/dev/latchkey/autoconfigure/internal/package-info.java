/** What the auto-configurations of keysets, secrets and clients share. */
@NullMarked
package dev.latchkey.autoconfigure.internal;

import org.jspecify.annotations.NullMarked;
