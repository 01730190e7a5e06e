/** Placeholders and secrets in texts: a secret is data, and nothing in it is ever parsed. */
@NullMarked
package dev.latchkey.env.internal.text;

import org.jspecify.annotations.NullMarked;
