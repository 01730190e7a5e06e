/** What our auto-configurations share, not for applications. */
@NullMarked
package dev.latchkey.autoconfigure.internal;

import org.jspecify.annotations.NullMarked;
