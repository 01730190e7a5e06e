/** An application that adds the starter, and nothing else. */
@NullMarked
package dev.latchkey.starter;

import org.jspecify.annotations.NullMarked;
