/** One engine that follows anything in a store: when to ask next, backoff, jitter and threads. */
@NullMarked
package dev.latchkey.follow.internal;

import org.jspecify.annotations.NullMarked;
