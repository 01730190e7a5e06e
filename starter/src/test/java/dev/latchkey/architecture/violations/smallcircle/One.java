package dev.latchkey.architecture.violations.smallcircle;

record One(Two next) {}
