/**
 * The wiring: properties, auto-configurations and failure analyzers; nothing else creates beans.
 */
@NullMarked
package dev.latchkey.autoconfigure;

import org.jspecify.annotations.NullMarked;
