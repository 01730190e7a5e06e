/** HikariCP connection pools that log in with a rotating secret. */
@NullMarked
package dev.latchkey.hikari;

import org.jspecify.annotations.NullMarked;
