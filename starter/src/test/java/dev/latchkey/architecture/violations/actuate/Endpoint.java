package dev.latchkey.architecture.violations.actuate;

public interface Endpoint extends dev.latchkey.architecture.violations.key.Key {}
