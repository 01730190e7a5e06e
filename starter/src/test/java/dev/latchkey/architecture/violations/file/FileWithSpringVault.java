package dev.latchkey.architecture.violations.file;

import org.springframework.vault.core.VaultOperations;

record FileWithSpringVault(VaultOperations vault) {}
