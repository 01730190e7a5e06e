/** Objects that applications hold while the keys behind them rotate. */
@NullMarked
package dev.latchkey.key.live;

import org.jspecify.annotations.NullMarked;
