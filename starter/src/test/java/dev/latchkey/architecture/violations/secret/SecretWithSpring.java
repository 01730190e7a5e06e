package dev.latchkey.architecture.violations.secret;

import org.springframework.core.env.Environment;

record SecretWithSpring(Environment environment) {}
