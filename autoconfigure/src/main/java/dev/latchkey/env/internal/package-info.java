/** The lazy property source, the last of all, that resolves references to secrets. */
@NullMarked
package dev.latchkey.env.internal;

import org.jspecify.annotations.NullMarked;
