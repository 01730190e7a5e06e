/** An order service that does not need to know its keys and its database password. */
@NullMarked
package dev.latchkey.samples.quickstart;

import org.jspecify.annotations.NullMarked;
