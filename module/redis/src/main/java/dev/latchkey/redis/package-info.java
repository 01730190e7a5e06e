/** Redis connections whose user and password rotate. */
@NullMarked
package dev.latchkey.redis;

import org.jspecify.annotations.NullMarked;
