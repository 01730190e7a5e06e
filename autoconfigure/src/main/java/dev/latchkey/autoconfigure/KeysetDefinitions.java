package dev.latchkey.autoconfigure;

import dev.latchkey.LatchkeyException;
import dev.latchkey.autoconfigure.LatchkeyProperties.WhenCompromised;
import dev.latchkey.autoconfigure.internal.ServedJwkSets;
import dev.latchkey.keyset.KeysetId;
import dev.latchkey.keyset.KeysetTemplate;
import dev.latchkey.rotation.KeysetDefinition;
import dev.latchkey.rotation.PropagationRule;
import dev.latchkey.rotation.RotationPolicy;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.springframework.util.ClassUtils;
import org.springframework.util.StringUtils;

/** Makes the definitions of keysets from properties. */
final class KeysetDefinitions {

  private static final String JWKS_MODULE = "dev.latchkey.jwks.JwkSetAutoConfiguration";

  private static final Duration SHARED_PROPAGATION = Duration.ofHours(24);

  private final LatchkeyProperties properties;

  private final @Nullable String applicationName;

  private final boolean shared;

  /**
   * @param applicationName {@code spring.application.name}, the owner of the keysets
   * @param shared whether several processes use the store
   */
  KeysetDefinitions(
      LatchkeyProperties properties, @Nullable String applicationName, boolean shared) {
    this.properties = properties;
    this.applicationName = applicationName;
    this.shared = shared;
  }

  List<KeysetDefinition> all() {
    List<KeysetDefinition> definitions =
        properties.keysets().entrySet().stream()
            .map(entry -> definition(entry.getKey(), entry.getValue()))
            .toList();
    requireServable(properties.servedJwkSets());
    properties.keysets().forEach(ImportFrom::of); // and what cannot be imported
    return definitions;
  }

  private static void requireServable(ServedJwkSets served) {
    if (!served.all().isEmpty() && !ClassUtils.isPresent(JWKS_MODULE, null)) {
      throw new LatchkeyException(
          "latchkey.keysets.%s.jwks.path is set, but latchkey-jwks is not on the class path"
              .formatted(served.all().get(0).keyset()),
          "Add the dependency dev.latchkey:latchkey-jwks.");
    }
  }

  private KeysetDefinition definition(String name, LatchkeyProperties.Keyset keyset) {
    KeysetTemplate template = template(name, keyset);
    KeysetId id = new KeysetId(owner(name, keyset), name);
    PropagationRule rule = rule().withJwksMaxAge(keyset.jwks().maxAge());
    return keyset.access().owns()
        ? own(id, template, keyset, rule)
        : foreign(id, template, keyset, rule);
  }

  private KeysetDefinition own(
      KeysetId id,
      KeysetTemplate template,
      LatchkeyProperties.Keyset keyset,
      PropagationRule rule) {
    String name = id.name();
    LatchkeyProperties.KeysetRotation rotation = keyset.rotation();
    Duration propagation = orElse(rotation.propagation(), standardPropagation(rule));
    RotationPolicy policy =
        RotationPolicy.of(
                name,
                rotation.period() != null
                    ? rotation.period()
                    : RotationPolicy.defaultPeriod(template),
                propagation,
                orElse(rotation.emergencyPropagation(), emergencyPropagation()),
                rejectCompromised(name, keyset, template))
            .withMaxOperations(maxOperations(name, rotation, template))
            .withEnd(name, rotation.decryptFor(), rotation.destroyAfter());
    rule.check(name, propagation);
    return new KeysetDefinition(
        id,
        template,
        policy,
        keyset.create() == LatchkeyProperties.Create.IF_ABSENT,
        maxStaleness(),
        keyset.access(),
        rule);
  }

  private KeysetDefinition foreign(
      KeysetId id,
      KeysetTemplate template,
      LatchkeyProperties.Keyset keyset,
      PropagationRule rule) {
    String properties = "latchkey.keysets." + id.name();
    keyset.access().requireSupportedBy(template, properties + ".access");
    String owners = ownersProperty(keyset);
    if (owners != null) {
      throw new LatchkeyException(
          "%1$s.access is '%2$s', but %1$s.%3$s is set, too"
              .formatted(properties, keyset.access().name().toLowerCase(Locale.ROOT), owners),
          "Remove it: that is up to %s, the owner of the keyset.".formatted(id.owner()));
    }
    return KeysetDefinition.foreign(id, template, keyset.access(), maxStaleness(), rule);
  }

  /** What is set that only an owner may decide, or null. */
  private static @Nullable String ownersProperty(LatchkeyProperties.Keyset keyset) {
    if (!keyset.rotation().equals(LatchkeyProperties.KeysetRotation.UNSET)) {
      return "rotation";
    }
    if (keyset.whenCompromised() != null) {
      return "when-compromised";
    }
    return keyset.importFrom() != null ? "import-from" : null;
  }

  private @Nullable Duration maxStaleness() {
    return shared ? properties.rotation().maxStaleness() : null;
  }

  private static KeysetTemplate template(String name, LatchkeyProperties.Keyset keyset) {
    String property = "latchkey.keysets." + name + ".template";
    if (!StringUtils.hasText(keyset.template())) {
      throw new LatchkeyException(
          "%s is not set".formatted(property),
          "Name a Tink key template, such as %s=AES256_GCM.".formatted(property));
    }
    try {
      return KeysetTemplate.of(keyset.template());
    } catch (LatchkeyException ex) {
      throw new LatchkeyException("%s: %s".formatted(property, ex.getMessage()), ex.action(), ex);
    }
  }

  private static boolean rejectCompromised(
      String name, LatchkeyProperties.Keyset keyset, KeysetTemplate template) {
    boolean standard = RotationPolicy.rejectsCompromised(template);
    WhenCompromised chosen = keyset.whenCompromised();
    if (chosen == null) {
      return standard;
    }
    boolean reject = chosen == WhenCompromised.REJECT;
    if (reject != standard && !RotationPolicy.canRejectCompromised(template)) {
      throw new LatchkeyException(
          "latchkey.keysets.%s.when-compromised is %s, but a compromised key of %s is always %s"
              .formatted(
                  name,
                  chosen.name().toLowerCase(Locale.ROOT),
                  template.name(),
                  standard ? "rejected" : "kept"),
          "Remove the property: it can be chosen for AEAD and streaming AEAD keysets.");
    }
    return reject;
  }

  private static @Nullable Long maxOperations(
      String name, LatchkeyProperties.KeysetRotation rotation, KeysetTemplate template) {
    Long limit = rotation.maxOperations();
    if (limit != null && limit < 2) {
      throw new LatchkeyException(
          "latchkey.keysets.%s.rotation.max-operations is %d".formatted(name, limit),
          "Give a number of 2 or more: the keyset rotates at half of it.");
    }
    return limit != null ? limit : RotationPolicy.defaultMaxOperations(template);
  }

  /** A day, or longer where that is not safe. */
  private Duration standardPropagation(PropagationRule rule) {
    Duration least = rule.least();
    return shared && least.compareTo(SHARED_PROPAGATION) < 0 ? SHARED_PROPAGATION : least;
  }

  private Duration emergencyPropagation() {
    return shared
        ? properties.refresh().interval().multipliedBy(2).plus(properties.rotation().drain())
        : Duration.ZERO;
  }

  private static Duration orElse(@Nullable Duration chosen, Duration standard) {
    return chosen != null ? chosen : standard;
  }

  private PropagationRule rule() {
    if (!shared) {
      return PropagationRule.SINGLE_PROCESS;
    }
    LatchkeyProperties.Rotation rotation = properties.rotation();
    return new PropagationRule(
        rotation.maxStaleness(),
        rotation.drain(),
        rotation.clockSkew(),
        (rotation.backupInterval() != null) ? rotation.backupInterval() : Duration.ZERO);
  }

  private String owner(String name, LatchkeyProperties.Keyset keyset) {
    String named = keyset.owner();
    if (named == null) {
      return applicationName();
    }
    String property = "latchkey.keysets.%s.owner".formatted(name);
    requireOwner(property, named);
    if (keyset.access().owns() && !named.equals(applicationName())) {
      throw new LatchkeyException(
          "%s is '%s', but this application is '%s', and only an owner itself writes its keysets"
              .formatted(property, named, applicationName()),
          "Add latchkey.keysets.%1$s.access=read, or latchkey.keysets.%1$s.access=public for its public half."
              .formatted(name));
    }
    return named;
  }

  private String applicationName() {
    if (StringUtils.hasText(applicationName)) {
      requireOwner("spring.application.name", applicationName);
      return applicationName;
    }
    if (shared) {
      throw new LatchkeyException(
          "spring.application.name is not set: on a shared store it tells whose keysets these are",
          "Add spring.application.name, of letters, digits, '-' and '_'.");
    }
    return "application";
  }

  private static void requireOwner(String property, String owner) {
    try {
      KeysetId.requireOwner(owner);
    } catch (LatchkeyException ex) {
      throw new LatchkeyException(property + ": " + ex.getMessage(), ex.action(), ex);
    }
  }
}
