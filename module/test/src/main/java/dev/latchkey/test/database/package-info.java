/** A real database, and the server that makes and changes its users. */
@NullMarked
package dev.latchkey.test.database;

import org.jspecify.annotations.NullMarked;
