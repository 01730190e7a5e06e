package dev.latchkey.autoconfigure.key.internal.imports;

import dev.latchkey.LatchkeyException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.core.io.ClassPathResource;
import org.springframework.util.StringUtils;

/**
 * The source of an imported keyset, as its properties name it. A value of unknown form is never
 * shown, since it may be a key.
 *
 * @param property prefix of the properties, such as {@code latchkey.keysets.orders}
 * @param location path that follows the kind
 * @param key key that decrypts the keyset, or null if the keyset is in cleartext
 * @param associatedData associated data that the keyset was encrypted with
 */
public record ImportFrom(
    String property, Kind kind, String location, @Nullable String key, String associatedData) {

  enum Kind {
    FILE("file:"),
    CLASSPATH("classpath:"),
    FILE_STORE("file-store:");

    private final String prefix;

    Kind(String prefix) {
      this.prefix = prefix;
    }
  }

  /**
   * The source that the properties of a keyset name.
   *
   * @param owned whether the keyset belongs to this application
   * @return empty if the keyset is not imported
   * @throws LatchkeyException if the properties are invalid or contradict each other
   */
  public static Optional<ImportFrom> of(
      String property,
      @Nullable String value,
      @Nullable String key,
      @Nullable String associatedData,
      boolean owned) {
    if (value == null) {
      refuseAlone(property + ".import-key", key, property);
      refuseAlone(property + ".import-associated-data", associatedData, property);
      return Optional.empty();
    }
    Kind kind =
        Arrays.stream(Kind.values())
            .filter(each -> value.startsWith(each.prefix) && value.length() > each.prefix.length())
            .findFirst()
            .orElseThrow(() -> invalid(property));
    ImportFrom from =
        new ImportFrom(
            property,
            kind,
            value.substring(kind.prefix.length()),
            StringUtils.hasText(key) ? key : null,
            associatedData != null ? associatedData : "");
    from.check(owned);
    return Optional.of(from);
  }

  private static void refuseAlone(String alone, @Nullable String value, String property) {
    if (value != null) {
      throw new LatchkeyException(
          "%s is set, but %s.import-from is not".formatted(alone, property),
          "Set %s.import-from, or remove %s: it decrypts an imported keyset."
              .formatted(property, alone));
    }
  }

  private static LatchkeyException invalid(String property) {
    return new LatchkeyException(
        "Invalid %s.import-from: expected 'file:', 'classpath:' or 'file-store:' and a path"
            .formatted(property),
        "Name a Tink keyset with 'file:' or 'classpath:', or the directory of an embedded store"
            + " with 'file-store:'. Never set the property to a keyset itself.");
  }

  private void check(boolean owned) {
    if (!owned) {
      throw new LatchkeyException(
          "%s.import-from is set, but this application does not own the keyset".formatted(property),
          "Remove it: only the owner of a keyset can import it.");
    }
    if (kind == Kind.FILE_STORE && (key != null || !associatedData.isEmpty())) {
      throw new LatchkeyException(
          "%s.import-key is set, but an embedded store is opened with its own key"
              .formatted(property),
          "Remove it. If the key file of the store is not at its default location, set"
              + " latchkey.store.file.key.");
    }
    if (kind != Kind.CLASSPATH) {
      Path ignored = path();
    }
  }

  /** The file or directory. */
  Path path() {
    try {
      return Path.of(location.startsWith("//") ? location.substring(2) : location);
    } catch (InvalidPathException ex) {
      throw invalid(property);
    }
  }

  /** Whether reading the source is enough to have the keys. */
  boolean inTheClear() {
    return kind != Kind.FILE_STORE && key == null;
  }

  /** Whether the source exists. Reads nothing of it. */
  boolean exists() {
    return kind == Kind.CLASSPATH
        ? new ClassPathResource(location).exists()
        : Files.exists(path(), LinkOption.NOFOLLOW_LINKS);
  }

  @Override
  public String toString() {
    return kind.prefix + location;
  }
}
