package dev.latchkey.architecture.violations.secret;

public interface Secret {}
