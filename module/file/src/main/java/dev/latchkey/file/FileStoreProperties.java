package dev.latchkey.file;

import dev.latchkey.LatchkeyException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.StringUtils;

/**
 * The embedded store.
 *
 * @param directory Directory of the embedded store. Created if it does not exist.
 * @param key Absolute path of the file that contains the embedded store's key. Defaults to
 *     '$CREDENTIALS_DIRECTORY/latchkey' if it exists, else '~/.config/latchkey/[store-id].key'.
 */
@ConfigurationProperties(FileStoreProperties.PREFIX)
record FileStoreProperties(
    @DefaultValue(DEFAULT_DIRECTORY) String directory, @Nullable String key) {

  static final String PREFIX = "latchkey.store.file";

  static final String DEFAULT_DIRECTORY = ".latchkey";

  /** The form of a 256-bit key, which must not appear in a message. */
  private static final Pattern KEY = Pattern.compile("[A-Za-z0-9+/_-]{43}=?|[0-9a-fA-F]{64}");

  Path directoryPath() {
    try {
      if (StringUtils.hasText(directory)) {
        return Path.of(directory);
      }
    } catch (InvalidPathException ex) {
      // reported below, like an empty one
    }
    throw new LatchkeyException(
        "Invalid latchkey.store.file.directory '%s': not a path".formatted(directory),
        "Set it to a directory, or remove it to use '%s'.".formatted(DEFAULT_DIRECTORY));
  }

  /** The key file, or null for its default location. A value that isn't a path may be a key. */
  @Nullable Path keyPath() {
    if (key == null) {
      return null;
    }
    try {
      Path path = Path.of(key);
      if (path.isAbsolute() && !KEY.matcher(key).matches()) {
        return path;
      }
    } catch (InvalidPathException ex) {
      // reported below, like a relative one
    }
    throw new LatchkeyException(
        "Invalid latchkey.store.file.key: not the absolute path of a file",
        "Set it to the path of a file outside the application's directories, never to a key"
            + " itself. If you remove it, the key is stored in your home directory.");
  }
}
