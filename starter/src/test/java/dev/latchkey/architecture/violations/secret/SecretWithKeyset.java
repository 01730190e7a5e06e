package dev.latchkey.architecture.violations.secret;

import dev.latchkey.architecture.violations.keyset.KeysetThatRotates;

class SecretWithKeyset extends KeysetThatRotates {}
