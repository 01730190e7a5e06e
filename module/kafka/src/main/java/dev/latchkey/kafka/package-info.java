/** Kafka clients whose user and password rotate. */
@NullMarked
package dev.latchkey.kafka;

import org.jspecify.annotations.NullMarked;
