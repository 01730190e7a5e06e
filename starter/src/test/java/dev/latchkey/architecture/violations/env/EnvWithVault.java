package dev.latchkey.architecture.violations.env;

import dev.latchkey.architecture.violations.vault.StrayProperties;

class EnvWithVault extends StrayProperties {}
