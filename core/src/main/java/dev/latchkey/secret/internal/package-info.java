/** One-time lookups of secrets, for the references in an application's properties. */
@NullMarked
package dev.latchkey.secret.internal;

import org.jspecify.annotations.NullMarked;
