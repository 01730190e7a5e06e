package dev.latchkey.architecture.violations.redis;

import dev.latchkey.architecture.violations.kafka.Kafka;

record RedisWithKafka(Kafka kafka) {}
