package dev.latchkey.architecture.violations.autoconfigure.key;

public interface Keysets {}
