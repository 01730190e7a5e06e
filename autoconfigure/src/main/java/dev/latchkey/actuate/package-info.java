/** Actuator endpoint {@code rotation}, and the health and meters of keysets and secrets. */
@NullMarked
package dev.latchkey.actuate;

import org.jspecify.annotations.NullMarked;
