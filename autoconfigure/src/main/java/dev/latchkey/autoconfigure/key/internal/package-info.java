/** JWK sets to serve, for the module that serves them. */
@NullMarked
package dev.latchkey.autoconfigure.key.internal;

import org.jspecify.annotations.NullMarked;
