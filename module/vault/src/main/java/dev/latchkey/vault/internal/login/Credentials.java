package dev.latchkey.vault.internal.login;

import static dev.latchkey.vault.internal.login.VaultLoginProperties.PREFIX;

import dev.latchkey.LatchkeyException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.springframework.util.StringUtils;

/**
 * Finds the credentials in the properties: each in a property, or in the file that a second
 * property with the suffix {@code -file} names.
 */
final class Credentials {

  private final CredentialOrigins origins;
  private final VaultLoginProperties properties;
  private final RequiredInput required;

  Credentials(CredentialOrigins origins, VaultLoginProperties properties) {
    this.origins = origins;
    this.properties = properties;
    this.required = new RequiredInput(properties.authentication());
  }

  /** The token of {@code latchkey.vault.token} or {@code token-file}; null if neither is set. */
  @Nullable Credential token() {
    return find("token", properties.token(), properties.tokenFile(), "token");
  }

  /** The same property, for a token that can be used once and may therefore be in any source. */
  @Nullable Credential wrappingToken() {
    return unchecked("token", properties.token(), properties.tokenFile(), "wrapping token");
  }

  Credential require(String name, @Nullable String text, @Nullable String file, String kind) {
    Credential credential = find(name, text, file, kind);
    if (credential == null) {
      throw required.missing(
          "%s.%s-file".formatted(PREFIX, name), "a file that contains the " + kind);
    }
    return credential;
  }

  /** A credential from a property or a file; null if neither is set. */
  @Nullable Credential find(
      String name, @Nullable String text, @Nullable String file, String kind) {
    Credential credential = unchecked(name, text, file, kind);
    if (credential != null && StringUtils.hasText(text)) {
      check(name, name + "-file");
    }
    return credential;
  }

  private static @Nullable Credential unchecked(
      String name, @Nullable String text, @Nullable String file, String kind) {
    String property = PREFIX + "." + name;
    if (StringUtils.hasText(text) && StringUtils.hasText(file)) {
      throw new LatchkeyException(
          "Both %1$s and %1$s-file are set".formatted(property),
          "Remove one of them, preferably the property without a file.");
    }
    if (StringUtils.hasText(file)) {
      return inFile(property + "-file", file, kind);
    }
    return StringUtils.hasText(text) ? Credential.of(text, kind, property) : null;
  }

  static Credential inFile(String property, String file, String kind) {
    try {
      return Credential.inFile(Path.of(file), kind, property);
    } catch (InvalidPathException ex) {
      throw new LatchkeyException(
          "Invalid %s: expected the path of a file".formatted(property),
          "Set it to the path of a file.");
    }
  }

  /**
   * Checks the origin of a property.
   *
   * @param fileName property that can name a file instead, or null
   */
  void check(String name, @Nullable String fileName) {
    origins.check(
        PREFIX + "." + name,
        fileName == null ? null : PREFIX + "." + fileName,
        properties.requireExternalCredentials());
  }
}
