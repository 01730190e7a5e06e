package dev.latchkey.architecture.violations.kafka;

public interface Kafka {}
