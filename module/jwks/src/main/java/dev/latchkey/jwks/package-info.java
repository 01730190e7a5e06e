/** Serves the public keys of keysets for JWT signatures as JWK sets (RFC 7517). */
@NullMarked
package dev.latchkey.jwks;

import org.jspecify.annotations.NullMarked;
