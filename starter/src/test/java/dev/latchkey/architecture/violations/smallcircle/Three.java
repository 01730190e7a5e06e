package dev.latchkey.architecture.violations.smallcircle;

record Three(One next) {}
