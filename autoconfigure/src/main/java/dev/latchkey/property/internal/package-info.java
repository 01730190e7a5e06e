/** What all rooms that read an application's properties share. */
@NullMarked
package dev.latchkey.property.internal;

import org.jspecify.annotations.NullMarked;
