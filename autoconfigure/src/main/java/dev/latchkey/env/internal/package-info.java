/** The lazy property source, last of all, that answers references to secrets. */
@NullMarked
package dev.latchkey.env.internal;

import org.jspecify.annotations.NullMarked;
