/** Opens the embedded store from properties. */
@NullMarked
package dev.latchkey.file.autoconfigure;

import org.jspecify.annotations.NullMarked;
