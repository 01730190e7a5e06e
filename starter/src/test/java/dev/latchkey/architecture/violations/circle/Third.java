package dev.latchkey.architecture.violations.circle;

record Third(Fourth next) {}
