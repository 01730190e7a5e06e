/** Tests of the documentation: what it shows compiles, binds and leads somewhere. */
@NullMarked
package dev.latchkey.docs;

import org.jspecify.annotations.NullMarked;
