/** {@code @RotatingKey} and the beans behind it. */
@NullMarked
package dev.latchkey.annotation;

import org.jspecify.annotations.NullMarked;
