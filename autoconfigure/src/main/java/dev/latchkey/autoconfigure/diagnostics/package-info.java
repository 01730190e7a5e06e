/** Failure analyzers: what prevented startup, where it is configured and how to fix it. */
@NullMarked
package dev.latchkey.autoconfigure.diagnostics;

import org.jspecify.annotations.NullMarked;
