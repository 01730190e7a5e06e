/** Kafka clients that log in with a rotating secret. */
@NullMarked
package dev.latchkey.kafka;

import org.jspecify.annotations.NullMarked;
