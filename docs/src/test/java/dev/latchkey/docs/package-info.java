/** Tests that the documentation's snippets compile and bind, and that its links are valid. */
@NullMarked
package dev.latchkey.docs;

import org.jspecify.annotations.NullMarked;
