/** Logs in with the method that {@code latchkey.vault.authentication} selects. */
@NullMarked
package dev.latchkey.vault.internal.login;

import org.jspecify.annotations.NullMarked;
