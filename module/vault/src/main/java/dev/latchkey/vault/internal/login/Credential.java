package dev.latchkey.vault.internal.login;

import dev.latchkey.LatchkeyException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.function.Supplier;

/**
 * A credential from a property or a file. Latchkey reads a file at every login, so that Vault Agent
 * or the kubelet can replace it at any time.
 */
final class Credential implements Supplier<String> {

  private final Supplier<String> source;
  private final String kind;
  private final String origin;

  private Credential(Supplier<String> source, String kind, String origin) {
    this.source = source;
    this.kind = kind;
    this.origin = origin;
  }

  /**
   * A credential from a property.
   *
   * @param kind kind of credential, such as {@code token}
   */
  static Credential of(String text, String kind, String property) {
    return new Credential(() -> text, kind, property);
  }

  /**
   * The content of a file, without surrounding whitespace.
   *
   * @param kind kind of credential, such as {@code token}
   * @param property property that names the file
   */
  static Credential inFile(Path file, String kind, String property) {
    Path absolute = file.toAbsolutePath();
    return new Credential(
        () -> read(absolute, kind, property), kind, "The %s file %s".formatted(kind, absolute));
  }

  /**
   * The current credential.
   *
   * @throws LatchkeyException if it is missing or contains an invalid character
   */
  @Override
  public String get() {
    String text = source.get().strip();
    if (text.isEmpty()) {
      throw new LatchkeyException(
          "%s is empty".formatted(origin),
          "Write the %s to it before the application starts.".formatted(kind));
    }
    if (!text.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
      throw new LatchkeyException(
          "%s contains a character that is not valid in a %s".formatted(origin, kind),
          "Write only the %s to it, on one line.".formatted(kind));
    }
    return text;
  }

  private static String read(Path file, String kind, String property) {
    try {
      return Files.readString(file);
    } catch (NoSuchFileException ex) {
      throw new LatchkeyException(
          "The %s file %s does not exist".formatted(kind, file),
          "Create it, or set %s to the file that contains the %s.".formatted(property, kind));
    } catch (IOException ex) {
      throw new LatchkeyException(
          "Cannot read the %s file %s (%s)".formatted(kind, file, ex.getClass().getSimpleName()),
          "Store the %s as text, and make the file readable for the application's user: chmod 0400,"
                  .formatted(kind)
              + " and chown to that user.");
    }
  }

  @Override
  public String toString() {
    return origin;
  }
}
