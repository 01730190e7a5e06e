/** {@code spring.config.import=latchkey:}: the fields of a secret as properties. */
@NullMarked
package dev.latchkey.env.internal.imports;

import org.jspecify.annotations.NullMarked;
