/** Latchkey together with other libraries that change the environment of an application. */
@NullMarked
package dev.latchkey.compatibility;

import org.jspecify.annotations.NullMarked;
