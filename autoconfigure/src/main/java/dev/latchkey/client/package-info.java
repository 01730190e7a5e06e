/**
 * Clients that log in with a rotating secret: one engine, and one small interface for each kind.
 */
@NullMarked
package dev.latchkey.client;

import org.jspecify.annotations.NullMarked;
