/** An application that teaches Latchkey a client of its own, outside of Latchkey's packages. */
@NullMarked
package dev.latchkey.taught;

import org.jspecify.annotations.NullMarked;
