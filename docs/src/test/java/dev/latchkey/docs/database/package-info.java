/** An application with a pool that takes a secret, tested with a database and without a server. */
@NullMarked
package dev.latchkey.docs.database;

import org.jspecify.annotations.NullMarked;
