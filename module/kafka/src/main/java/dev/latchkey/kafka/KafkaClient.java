package dev.latchkey.kafka;

import java.util.Map;
import java.util.function.Consumer;

/**
 * A factory of Kafka clients, before it creates one.
 *
 * @param configuration what it creates clients with
 * @param update adds to that
 */
record KafkaClient(Map<String, Object> configuration, Consumer<Map<String, Object>> update) {}
