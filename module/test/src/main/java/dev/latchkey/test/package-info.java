/**
 * Test support: contracts for stores and sources, a clock, and real servers that start on demand.
 */
@NullMarked
package dev.latchkey.test;

import org.jspecify.annotations.NullMarked;
