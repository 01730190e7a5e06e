/** How Latchkey follows a rotating secret of each kind: key-value, static role, lease. */
@NullMarked
package dev.latchkey.secret.rotating.internal;

import org.jspecify.annotations.NullMarked;
