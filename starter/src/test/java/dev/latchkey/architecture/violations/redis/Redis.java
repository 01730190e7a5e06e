package dev.latchkey.architecture.violations.redis;

public interface Redis {}
