package dev.latchkey.key.rotation.internal;

import dev.latchkey.LatchkeyException;
import dev.latchkey.key.KeyMetadata;
import dev.latchkey.key.KeysetAccess;
import dev.latchkey.key.KeysetId;
import dev.latchkey.key.KeysetMetadata;
import dev.latchkey.key.KeysetTemplate;
import dev.latchkey.key.internal.KeysetEditor;
import dev.latchkey.key.internal.KeysetOrigin;
import dev.latchkey.key.rotation.RotationPolicy;
import java.time.Duration;
import java.util.Comparator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A keyset as the application configures it.
 *
 * @param id its owner and name
 * @param template the template that new keys are created from
 * @param policy how it rotates; ignored for a keyset that another application owns
 * @param createIfAbsent whether to create it if the store says that it never existed
 * @param maxStaleness the maximum age of a proved read before an instance reports that it is stale;
 *     null if no other process uses the store
 * @param access what the application may do with it
 * @param reach how long a spare must be published until all instances of this application know it
 * @param origin what it starts with if the store says that it never existed
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

  /** A keyset of this application, whose policy is known to be safe. */
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
   * A keyset that another application owns: it is neither created nor rotated here.
   *
   * @param template one that provides the same primitives as the keys' templates
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

  boolean mayCreate() {
    return access.owns() && createIfAbsent;
  }

  KeysetEditor firstGeneration() {
    return origin.start(id, template, policy.propagation());
  }

  /**
   * Rejects the creation of a keyset that never existed.
   *
   * @param location where the store would keep it
   */
  void requireMayCreate(String location) {
    String name = id.name();
    if (!access.owns()) {
      throw new LatchkeyException(
          "Keyset %s of %s does not exist at %s".formatted(name, id.owner(), location),
          "Only its owner creates it: check the owner and the name of the keyset, or start %s first."
              .formatted(id.owner()));
    }
    if (!createIfAbsent) {
      throw new LatchkeyException(
          "Keyset %s does not exist at %s, and its property 'create' is 'never'"
              .formatted(name, location),
          "Start the application once with create=if-absent and a policy that allows it, or check mount, path and owner.");
    }
  }

  /**
   * Rejects a stored keyset that the application cannot use as configured.
   *
   * @param location where the store keeps it
   */
  void requireFits(KeysetMetadata stored, String location) {
    for (KeyMetadata key : stored.keys()) {
      if (KeysetTemplate.of(key.template()).family() != template.family()) {
        throw new LatchkeyException(
            "Keyset %s is configured as %s, but %s holds keys of template %s, which has other primitives"
                .formatted(id.name(), template.name(), location, key.template()),
            access.owns()
                ? "Set the keyset's template back to %s, or give the new keyset another name."
                    .formatted(key.template())
                : "Set the keyset's template to %s, as its owner does.".formatted(key.template()));
      }
    }
    if (!access.owns()) {
      // an emergency shortens the propagation of one key; the other shows the usual one
      Stream.concat(Stream.of(stored.active()), stored.spare().stream())
          .map(KeyMetadata::propagation)
          .max(Comparator.naturalOrder())
          .ifPresent(longest -> reach.checkForeign(id, longest));
    }
  }
}
