/** Latchkey beside other libraries that change an application's environment. */
@NullMarked
package dev.latchkey.compatibility;

import org.jspecify.annotations.NullMarked;
