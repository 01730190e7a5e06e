/** {@code @RotatingKey} and the beans that it injects. */
@NullMarked
package dev.latchkey.annotation;

import org.jspecify.annotations.NullMarked;
