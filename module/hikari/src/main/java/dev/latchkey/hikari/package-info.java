/** Connection pools that take user and password from a secret that rotates. */
@NullMarked
package dev.latchkey.hikari;

import org.jspecify.annotations.NullMarked;
