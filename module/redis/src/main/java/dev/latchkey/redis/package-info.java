/** Redis connections through Lettuce that log in with a rotating secret. */
@NullMarked
package dev.latchkey.redis;

import org.jspecify.annotations.NullMarked;
