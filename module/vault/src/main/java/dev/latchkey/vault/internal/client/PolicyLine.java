package dev.latchkey.vault.internal.client;

import java.util.List;

/**
 * One rule of a policy.
 *
 * @param path the API's path, such as {@code secret/data/latchkey/shop/orders}
 * @param capabilities what it allows there
 * @since 0.1
 */
public record PolicyLine(String path, List<String> capabilities) {

  public PolicyLine {
    capabilities = List.copyOf(capabilities);
  }

  /** A rule that allows these capabilities at a path. */
  public static PolicyLine allowing(String path, String... capabilities) {
    return new PolicyLine(path, List.of(capabilities));
  }

  @Override
  public String toString() {
    return "path \"%s\" { capabilities = [\"%s\"] }"
        .formatted(path, String.join("\", \"", capabilities));
  }
}
