package dev.latchkey.architecture.violations.autoconfigure;

public class Wiring {}
