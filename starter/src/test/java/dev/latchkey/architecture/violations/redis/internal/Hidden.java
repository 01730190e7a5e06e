package dev.latchkey.architecture.violations.redis.internal;

public interface Hidden {}
