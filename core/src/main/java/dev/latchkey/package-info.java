/** What all of Latchkey shares: the exception that says what happened, where, and how to fix it. */
@NullMarked
package dev.latchkey;

import org.jspecify.annotations.NullMarked;
