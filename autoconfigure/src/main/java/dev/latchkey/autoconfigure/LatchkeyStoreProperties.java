package dev.latchkey.autoconfigure;

import dev.latchkey.LatchkeyException;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * What keeps keys and secrets.
 *
 * @param type What keeps keys and secrets. By default Vault where 'latchkey.vault.uri' is set, else
 *     the embedded store on a developer's machine.
 * @param file Embedded store.
 * @param vault Where keysets lie in Vault.
 */
@ConfigurationProperties("latchkey.store")
record LatchkeyStoreProperties(
    @Nullable Type type, @DefaultValue File file, @DefaultValue Vault vault) {

  /** What keeps keys and secrets. */
  enum Type {
    /** HashiCorp Vault or OpenBao: where several machines share keys. */
    VAULT,
    /** An embedded, encrypted directory: for one process, with nothing to install. */
    FILE,
    /** Gone when the process ends: for tests. */
    MEMORY
  }

  /**
   * The embedded store.
   *
   * @param directory Directory of the embedded store, made if it is missing.
   * @param key Absolute path of the file that holds the embedded store's key. By default
   *     '$CREDENTIALS_DIRECTORY/latchkey' where it exists, else
   *     '~/.config/latchkey/[store-id].key'.
   */
  record File(@DefaultValue(DEFAULT_DIRECTORY) String directory, @Nullable String key) {

    static final String DEFAULT_DIRECTORY = ".latchkey";
  }

  /**
   * Where keysets lie in Vault.
   *
   * @param mount Mount of the KV engine, version 2, that holds the keyset documents.
   * @param path Path in that mount under which the documents lie, each at '[owner]/[keyset]'.
   * @param transitMount Mount of the Transit engine whose keys wrap the documents.
   */
  record Vault(
      @DefaultValue("secret") String mount,
      @DefaultValue("latchkey") String path,
      @DefaultValue("transit") String transitMount) {

    private static final String SEGMENT = "(?!\\.{1,2}(?:/|$))[A-Za-z0-9_.-]+";
    private static final Pattern PATH = Pattern.compile(SEGMENT + "(/" + SEGMENT + ")*");

    Vault {
      requirePath("mount", mount);
      requirePath("path", path);
      requirePath("transit-mount", transitMount);
    }

    private static void requirePath(String name, String path) {
      if (!PATH.matcher(path).matches()) {
        throw new LatchkeyException(
            "latchkey.store.vault.%s is '%s', which is no path".formatted(name, path),
            "Use segments of letters, digits, '-', '_' and '.', joined by '/', such as team/kv, none of them '.' or '..'.");
      }
    }
  }
}
