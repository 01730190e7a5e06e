/** Test support: contracts for stores and sources, fakes, and a real server that starts on demand. */
@NullMarked
package dev.latchkey.test;

import org.jspecify.annotations.NullMarked;
