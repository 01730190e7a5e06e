package dev.latchkey.architecture.violations.circle;

record First(Second next) {}
