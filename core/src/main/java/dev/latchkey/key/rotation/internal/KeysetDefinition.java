package dev.latchkey.key.rotation.internal;

import dev.latchkey.key.KeysetAccess;
import dev.latchkey.key.KeysetId;
import dev.latchkey.key.KeysetTemplate;
import dev.latchkey.key.internal.KeysetEditor;
import dev.latchkey.key.internal.KeysetOrigin;
import dev.latchkey.key.rotation.RotationPolicy;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A keyset as the application wants it.
 *
 * @param id its owner and name
 * @param template what new keys are made by
 * @param policy how it rotates; another application's keyset does not, here
 * @param createIfAbsent whether it may be made where the store says that it never was
 * @param maxStaleness the greatest age of a proved read that an instance may work with, before it
 *     says that it is stale; null if no other process uses the store
 * @param access what the application may do with it
 * @param reach how long a spare must be published before it is certain that this application's
 *     instances know it
 * @param origin what it starts with where the store says that it never was
 * @since 0.1
 */
public record KeysetDefinition(
    KeysetId id,
    KeysetTemplate template,
    RotationPolicy policy,
    boolean createIfAbsent,
    @Nullable Duration maxStaleness,
    KeysetAccess access,
    PropagationRule reach,
    KeysetOrigin origin) {

  /** A keyset that starts with new keys. */
  public KeysetDefinition(
      KeysetId id,
      KeysetTemplate template,
      RotationPolicy policy,
      boolean createIfAbsent,
      @Nullable Duration maxStaleness,
      KeysetAccess access,
      PropagationRule reach) {
    this(id, template, policy, createIfAbsent, maxStaleness, access, reach, KeysetEditor::create);
  }

  /** A keyset of the application's own, whose policy is known to be safe. */
  public KeysetDefinition(
      KeysetId id,
      KeysetTemplate template,
      RotationPolicy policy,
      boolean createIfAbsent,
      @Nullable Duration maxStaleness) {
    this(
        id,
        template,
        policy,
        createIfAbsent,
        maxStaleness,
        KeysetAccess.OWN,
        PropagationRule.SINGLE_PROCESS);
  }

  /**
   * A keyset that another application owns: it is neither made nor rotated here.
   *
   * @param template one that gives the same primitives as those of its keys
   */
  public static KeysetDefinition foreign(
      KeysetId id,
      KeysetTemplate template,
      KeysetAccess access,
      @Nullable Duration maxStaleness,
      PropagationRule reach) {
    return new KeysetDefinition(
        id, template, RotationPolicy.NEVER, false, maxStaleness, access, reach);
  }

  /** The same keyset, starting with other keys. */
  public KeysetDefinition startingFrom(KeysetOrigin keys) {
    return new KeysetDefinition(
        id, template, policy, createIfAbsent, maxStaleness, access, reach, keys);
  }

  /** The Tink interfaces that it gives to the application. */
  public List<Class<?>> interfaces() {
    return access.interfaces(template.family());
  }
}
