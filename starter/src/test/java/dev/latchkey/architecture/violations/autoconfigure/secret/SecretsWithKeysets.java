package dev.latchkey.architecture.violations.autoconfigure.secret;

import dev.latchkey.architecture.violations.autoconfigure.key.Keysets;

record SecretsWithKeysets(Keysets keysets) {}
