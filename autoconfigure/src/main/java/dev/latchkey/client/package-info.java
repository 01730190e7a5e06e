/** Clients that log in with a secret that rotates. */
@NullMarked
package dev.latchkey.client;

import org.jspecify.annotations.NullMarked;
