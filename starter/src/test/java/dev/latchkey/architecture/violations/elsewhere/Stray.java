package dev.latchkey.architecture.violations.elsewhere;

interface Stray {}
