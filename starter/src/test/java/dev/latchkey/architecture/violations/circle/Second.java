package dev.latchkey.architecture.violations.circle;

record Second(Third next) {}
