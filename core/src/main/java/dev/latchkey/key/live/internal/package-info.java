/** The live primitives, the registry that swaps the keys behind them, and usage counts. */
@NullMarked
package dev.latchkey.key.live.internal;

import org.jspecify.annotations.NullMarked;
