/** Applications that are processed ahead of time. */
@NullMarked
package dev.latchkey.aot;

import org.jspecify.annotations.NullMarked;
