/** Auto-configuration of rotating secrets: their properties and their bean. */
@NullMarked
package dev.latchkey.autoconfigure.secret;

import org.jspecify.annotations.NullMarked;
