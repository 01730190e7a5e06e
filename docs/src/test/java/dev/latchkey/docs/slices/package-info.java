/** An application that is tested in slices, as the page on tests shows. */
@NullMarked
package dev.latchkey.docs.slices;

import org.jspecify.annotations.NullMarked;
