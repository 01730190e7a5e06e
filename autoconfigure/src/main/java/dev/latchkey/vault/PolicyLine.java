package dev.latchkey.vault;

import java.util.List;

/**
 * One rule of a policy.
 *
 * @param path the API's path, such as {@code secret/data/latchkey/shop/orders}
 * @param capabilities what it allows there
 */
record PolicyLine(String path, List<String> capabilities) {

  static PolicyLine allowing(String path, String... capabilities) {
    return new PolicyLine(path, List.of(capabilities));
  }

  @Override
  public String toString() {
    return "path \"%s\" { capabilities = [\"%s\"] }"
        .formatted(path, String.join("\", \"", capabilities));
  }
}
