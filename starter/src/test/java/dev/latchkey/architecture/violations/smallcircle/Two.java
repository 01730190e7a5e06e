package dev.latchkey.architecture.violations.smallcircle;

record Two(Three next) {}
