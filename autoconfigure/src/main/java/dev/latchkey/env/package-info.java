/**
 * References to secrets in properties: a lazy property source, and protection of secrets from being
 * parsed.
 */
@NullMarked
package dev.latchkey.env;

import org.jspecify.annotations.NullMarked;
