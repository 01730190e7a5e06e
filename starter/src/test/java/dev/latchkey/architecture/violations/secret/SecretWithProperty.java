package dev.latchkey.architecture.violations.secret;

final class SecretWithProperty {

  private SecretWithProperty() {}

  static String message(String name) {
    return "latchkey.secrets.%s.reference is not set".formatted(name);
  }
}
