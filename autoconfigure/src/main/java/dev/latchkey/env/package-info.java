/** References in properties: one lazy property source, last of all, and secrets kept as data. */
@NullMarked
package dev.latchkey.env;

import org.jspecify.annotations.NullMarked;
