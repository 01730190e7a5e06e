/** What our own stores share. */
@NullMarked
package dev.latchkey.store.internal;

import org.jspecify.annotations.NullMarked;
