/** Benchmarks of calls through injected primitives, and of startup. */
@NullMarked
package dev.latchkey.benchmarks;

import org.jspecify.annotations.NullMarked;
