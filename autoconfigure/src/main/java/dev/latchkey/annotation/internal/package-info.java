/** Bean definitions of keysets and secrets behind {@code @RotatingKey}. */
@NullMarked
package dev.latchkey.annotation.internal;

import org.jspecify.annotations.NullMarked;
