package dev.latchkey.architecture.violations.env;

import org.springframework.vault.VaultException;

class EnvWithSpringVault extends VaultException {

  private static final long serialVersionUID = 1L;

  EnvWithSpringVault(String message) {
    super(message);
  }
}
