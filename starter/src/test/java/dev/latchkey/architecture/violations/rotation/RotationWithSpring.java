package dev.latchkey.architecture.violations.rotation;

import org.springframework.core.Ordered;

interface RotationWithSpring extends Ordered {}
