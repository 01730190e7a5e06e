package dev.latchkey.architecture.violations.key;

public interface Key {}
