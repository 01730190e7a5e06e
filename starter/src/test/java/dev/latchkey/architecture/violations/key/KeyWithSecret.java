package dev.latchkey.architecture.violations.key;

import dev.latchkey.architecture.violations.secret.Secret;

record KeyWithSecret(Secret secret) {}
