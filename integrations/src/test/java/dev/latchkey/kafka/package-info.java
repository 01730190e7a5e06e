/** What of Kafka's logins is not public. */
@NullMarked
package dev.latchkey.kafka;

import org.jspecify.annotations.NullMarked;
