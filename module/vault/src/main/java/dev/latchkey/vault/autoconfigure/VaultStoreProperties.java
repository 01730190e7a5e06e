package dev.latchkey.vault.autoconfigure;

import dev.latchkey.LatchkeyException;
import java.util.regex.Pattern;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Where keysets are stored in Vault.
 *
 * @param mount Mount of the KV version 2 secrets engine that stores the keyset documents.
 * @param path Path in that mount under which the documents are stored, each at '[owner]/[keyset]'.
 * @param transitMount Mount of the Transit secrets engine whose keys wrap the documents.
 */
@ConfigurationProperties(VaultStoreProperties.PREFIX)
record VaultStoreProperties(
    @DefaultValue("secret") String mount,
    @DefaultValue("latchkey") String path,
    @DefaultValue("transit") String transitMount) {

  static final String PREFIX = "latchkey.store.vault";

  private static final String SEGMENT = "(?!\\.{1,2}(?:/|$))[A-Za-z0-9_.-]+";
  private static final Pattern PATH = Pattern.compile(SEGMENT + "(/" + SEGMENT + ")*");

  VaultStoreProperties {
    requirePath("mount", mount);
    requirePath("path", path);
    requirePath("transit-mount", transitMount);
  }

  private static void requirePath(String name, String path) {
    if (!PATH.matcher(path).matches()) {
      throw new LatchkeyException(
          "Invalid %s.%s '%s': expected a path".formatted(PREFIX, name, path),
          "Use segments of letters, digits, '-', '_' and '.', joined by '/', such as team/kv. The"
              + " segments '.' and '..' are not allowed.");
    }
  }
}
