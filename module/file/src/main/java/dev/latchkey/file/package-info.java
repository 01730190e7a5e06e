/** Opens the embedded store from properties. */
@NullMarked
package dev.latchkey.file;

import org.jspecify.annotations.NullMarked;
