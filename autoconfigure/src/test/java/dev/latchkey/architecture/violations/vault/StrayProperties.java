package dev.latchkey.architecture.violations.vault;

public class StrayProperties {}
