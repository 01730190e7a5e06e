/** Health indicator, meters and readiness of keysets and secrets. */
@NullMarked
package dev.latchkey.actuate.internal;

import org.jspecify.annotations.NullMarked;
