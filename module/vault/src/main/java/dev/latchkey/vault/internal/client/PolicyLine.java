package dev.latchkey.vault.internal.client;

import dev.latchkey.internal.PercentEncoding;
import java.util.List;

/**
 * One rule of a Vault policy.
 *
 * @param path API path, such as {@code secret/data/latchkey/shop/orders}, percent-encoded
 * @param capabilities capabilities that the rule grants at the path
 */
public record PolicyLine(String path, List<String> capabilities) {

  public PolicyLine {
    capabilities = List.copyOf(capabilities);
  }

  public static PolicyLine allowing(String path, String... capabilities) {
    return new PolicyLine(path, List.of(capabilities));
  }

  /** The rule in Vault's policy language, on one line. */
  @Override
  public String toString() {
    return "path \"%s\" { capabilities = [\"%s\"] }"
        .formatted(PercentEncoding.decode(path), String.join("\", \"", capabilities));
  }
}
