package dev.latchkey.architecture.violations.elsewhere;

class Stray {}
