/** An application that is tested in slices, as documented in {@code test-applications.md}. */
@NullMarked
package dev.latchkey.docs.slices;

import org.jspecify.annotations.NullMarked;
