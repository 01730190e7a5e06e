package dev.latchkey.store;

import dev.latchkey.key.KeysetAccess;
import dev.latchkey.key.KeysetId;
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
  Map<String, String> texts(Collection<Keyset> keysets);

  /**
   * What the policies depend on.
   *
   * @param publicKeys whether the keyset has a public half, which its owner publishes
   * @param createIfAbsent whether the application creates the keyset if it never existed
   */
  record Keyset(KeysetId id, KeysetAccess access, boolean publicKeys, boolean createIfAbsent) {}
}
