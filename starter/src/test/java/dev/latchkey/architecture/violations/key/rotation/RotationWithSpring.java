package dev.latchkey.architecture.violations.key.rotation;

import org.springframework.core.Ordered;

interface RotationWithSpring extends Ordered {}
