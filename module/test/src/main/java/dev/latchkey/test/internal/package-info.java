/** Fakes, proxies and checks for Latchkey's own tests. */
@NullMarked
package dev.latchkey.test.internal;

import org.jspecify.annotations.NullMarked;
