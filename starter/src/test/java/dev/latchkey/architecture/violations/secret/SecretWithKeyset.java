package dev.latchkey.architecture.violations.secret;

import dev.latchkey.architecture.violations.key.KeysetThatRotates;

class SecretWithKeyset extends KeysetThatRotates {}
