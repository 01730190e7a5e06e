package dev.latchkey.store;

import dev.latchkey.rotation.KeysetDefinition;
import java.util.Collection;
import java.util.Map;

/**
 * Renders the access policies that an application needs at its store.
 *
 * @since 0.1
 */
@FunctionalInterface
public interface StorePolicies {

  /** A store without access policies. */
  StorePolicies NONE = keysets -> Map.of();

  /** Policy texts by role, such as {@code application} and {@code operator}. */
  Map<String, String> texts(Collection<KeysetDefinition> keysets);
}
