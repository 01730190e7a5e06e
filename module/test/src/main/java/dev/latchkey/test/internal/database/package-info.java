/** A real database, and a secrets engine that creates and rotates its users. */
@NullMarked
package dev.latchkey.test.internal.database;

import org.jspecify.annotations.NullMarked;
