package dev.latchkey.autoconfigure;

import dev.latchkey.LatchkeyException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.util.StringUtils;

/**
 * What a keyset is imported from, as its properties say. A value that is not of the known form is
 * never shown: it may be a key.
 *
 * @param property the first part of the properties' names, such as {@code latchkey.keysets.orders}
 * @param location what follows the kind: a path
 * @param key what it was encrypted with, or null if it is in the clear
 * @param associatedData what it was encrypted with besides
 */
record ImportFrom(
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
   * Reads the properties of a keyset.
   *
   * @return empty if it is imported from nowhere
   * @throws LatchkeyException if they say nothing that could be done
   */
  static Optional<ImportFrom> of(String name, LatchkeyProperties.Keyset keyset) {
    String property = "latchkey.keysets." + name;
    String value = keyset.importFrom();
    if (value == null) {
      refuseAlone(property + ".import-key", keyset.importKey(), property);
      refuseAlone(property + ".import-associated-data", keyset.importAssociatedData(), property);
      return Optional.empty();
    }
    Kind kind =
        Arrays.stream(Kind.values())
            .filter(each -> value.startsWith(each.prefix) && value.length() > each.prefix.length())
            .findFirst()
            .orElseThrow(() -> noPlace(property));
    ImportFrom from =
        new ImportFrom(
            property,
            kind,
            value.substring(kind.prefix.length()),
            StringUtils.hasText(keyset.importKey()) ? keyset.importKey() : null,
            keyset.importAssociatedData() != null ? keyset.importAssociatedData() : "");
    from.check(keyset);
    return Optional.of(from);
  }

  private static void refuseAlone(String alone, @Nullable String value, String property) {
    if (value != null) {
      throw new LatchkeyException(
          "%s is set, but not %s.import-from".formatted(alone, property),
          "Set that too, or remove this: it tells how an imported keyset is decrypted.");
    }
  }

  private static LatchkeyException noPlace(String property) {
    return new LatchkeyException(
        "%s.import-from names no place that a keyset can be imported from".formatted(property),
        "Give 'file:' and the path of a Tink keyset, 'classpath:' and one on the class path, or"
            + " 'file-store:' and the directory of an embedded store; never a keyset itself.");
  }

  private void check(LatchkeyProperties.Keyset keyset) {
    if (!keyset.access().owns()) {
      throw new LatchkeyException(
          "%s.import-from is set, but the keyset is not this application's own".formatted(property),
          "Remove it: only the keyset's owner imports it.");
    }
    if (kind == Kind.FILE_STORE && (key != null || !associatedData.isEmpty())) {
      throw new LatchkeyException(
          "%s.import-key is set, but an embedded store is opened with its own key"
              .formatted(property),
          "Remove it, and name the store's key file with latchkey.store.file.key unless it lies at"
              + " its usual place.");
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
      throw noPlace(property);
    }
  }

  /** Whether whoever can read it has the keys. */
  boolean inTheClear() {
    return kind != Kind.FILE_STORE && key == null;
  }

  @Override
  public String toString() {
    return kind.prefix + location;
  }
}
