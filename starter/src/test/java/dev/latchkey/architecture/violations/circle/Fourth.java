package dev.latchkey.architecture.violations.circle;

record Fourth(First next) {}
