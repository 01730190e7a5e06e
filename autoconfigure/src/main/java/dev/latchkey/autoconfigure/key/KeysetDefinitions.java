package dev.latchkey.autoconfigure.key;

import dev.latchkey.LatchkeyException;
import dev.latchkey.autoconfigure.key.KeysetProperties.WhenCompromised;
import dev.latchkey.autoconfigure.key.internal.ServedJwkSets;
import dev.latchkey.autoconfigure.key.internal.imports.ImportFrom;
import dev.latchkey.key.KeysetId;
import dev.latchkey.key.KeysetTemplate;
import dev.latchkey.key.rotation.RotationPolicy;
import dev.latchkey.key.rotation.internal.KeysetDefinition;
import dev.latchkey.key.rotation.internal.PropagationRule;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.util.ClassUtils;
import org.springframework.util.StringUtils;

/** Creates the definitions of keysets from properties. */
final class KeysetDefinitions {

  private static final String JWKS_MODULE = "dev.latchkey.jwks.JwkSetAutoConfiguration";

  private static final Duration SHARED_PROPAGATION = Duration.ofHours(24);

  private final KeysetProperties properties;

  private final Duration refreshInterval;

  private final @Nullable String applicationName;

  private final boolean shared;

  /**
   * @param applicationName {@code spring.application.name}, the owner of the keysets
   * @param shared whether several processes use the store
   */
  KeysetDefinitions(
      KeysetProperties properties,
      Duration refreshInterval,
      @Nullable String applicationName,
      boolean shared) {
    this.properties = properties;
    this.refreshInterval = refreshInterval;
    this.applicationName = applicationName;
    this.shared = shared;
  }

  List<KeysetDefinition> all() {
    List<KeysetDefinition> definitions =
        properties.keysets().entrySet().stream()
            .map(entry -> definition(entry.getKey(), entry.getValue()))
            .toList();
    requireServable(properties.servedJwkSets());
    imports(); // refuses invalid ones
    return definitions;
  }

  /** Sources of imported keysets, by name of the keyset. */
  Map<String, ImportFrom> imports() {
    Map<String, ImportFrom> imports = new LinkedHashMap<>();
    properties
        .keysets()
        .forEach(
            (name, keyset) -> {
              if (keyset.importFrom() != null
                  || keyset.importKey() != null
                  || keyset.importAssociatedData() != null) {
                ImportFrom.of(
                        "latchkey.keysets." + name,
                        keyset.importFrom(),
                        keyset.importKey(),
                        keyset.importAssociatedData(),
                        keyset.access().owns())
                    .ifPresent(from -> imports.put(name, from));
              }
            });
    return imports;
  }

  private static void requireServable(ServedJwkSets served) {
    if (!served.all().isEmpty() && !ClassUtils.isPresent(JWKS_MODULE, null)) {
      throw new LatchkeyException(
          "latchkey.keysets.%s.jwks.path is set, but latchkey-jwks is not on the class path"
              .formatted(served.all().get(0).keyset()),
          "Add the dependency dev.latchkey:latchkey-jwks.");
    }
  }

  private KeysetDefinition definition(String name, KeysetProperties.Keyset keyset) {
    KeysetTemplate template = template(name, keyset);
    KeysetId id = new KeysetId(owner(name, keyset), name);
    PropagationRule rule = rule().withJwksMaxAge(keyset.jwks().maxAge());
    return keyset.access().owns()
        ? own(id, template, keyset, rule)
        : foreign(id, template, keyset, rule);
  }

  private KeysetDefinition own(
      KeysetId id, KeysetTemplate template, KeysetProperties.Keyset keyset, PropagationRule rule) {
    String name = id.name();
    KeysetProperties.KeysetRotation rotation = keyset.rotation();
    Duration propagation = orElse(rotation.propagation(), standardPropagation(rule));
    String prefix = "latchkey.keysets.%s.rotation.".formatted(name);
    RotationPolicy policy =
        RotationPolicy.of(
                prefix,
                rotation.period() != null
                    ? rotation.period()
                    : RotationPolicy.defaultPeriod(template),
                propagation,
                orElse(rotation.emergencyPropagation(), emergencyPropagation()),
                rejectCompromised(name, keyset, template))
            .withMaxOperations(maxOperations(name, rotation, template))
            .withEnd(prefix, rotation.decryptFor(), rotation.destroyAfter());
    rule.check(name, propagation);
    return new KeysetDefinition(
        id, template, policy, keyset.mayBeCreated(), maxStaleness(), keyset.access(), rule);
  }

  private KeysetDefinition foreign(
      KeysetId id, KeysetTemplate template, KeysetProperties.Keyset keyset, PropagationRule rule) {
    String properties = "latchkey.keysets." + id.name();
    keyset.access().requireSupportedBy(template, properties + ".access");
    String owners = ownersProperty(keyset);
    if (owners != null) {
      throw new LatchkeyException(
          "%1$s.%3$s is set, but %1$s.access is '%2$s'"
              .formatted(properties, keyset.access().name().toLowerCase(Locale.ROOT), owners),
          "Remove %s.%s: only %s, the owner of the keyset, configures it."
              .formatted(properties, owners, id.owner()));
    }
    return KeysetDefinition.foreign(id, template, keyset.access(), maxStaleness(), rule);
  }

  /** A property that is set although only an owner may set it, or null. */
  private static @Nullable String ownersProperty(KeysetProperties.Keyset keyset) {
    if (!keyset.rotation().equals(KeysetProperties.KeysetRotation.UNSET)) {
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

  private static KeysetTemplate template(String name, KeysetProperties.Keyset keyset) {
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
      String name, KeysetProperties.Keyset keyset, KeysetTemplate template) {
    boolean standard = RotationPolicy.rejectsCompromised(template);
    WhenCompromised chosen = keyset.whenCompromised();
    if (chosen == null) {
      return standard;
    }
    boolean reject = chosen == WhenCompromised.REJECT;
    if (reject != standard && !RotationPolicy.canRejectCompromised(template)) {
      throw new LatchkeyException(
          "latchkey.keysets.%s.when-compromised is %s, but compromised keys of %s are always %s"
              .formatted(
                  name,
                  chosen.name().toLowerCase(Locale.ROOT),
                  template.name(),
                  standard ? "rejected" : "kept"),
          "Remove the property. It can be set only for AEAD and streaming AEAD keysets.");
    }
    return reject;
  }

  private static @Nullable Long maxOperations(
      String name, KeysetProperties.KeysetRotation rotation, KeysetTemplate template) {
    Long limit = rotation.maxOperations();
    if (limit != null && limit < 2) {
      throw new LatchkeyException(
          "Invalid latchkey.keysets.%s.rotation.max-operations '%d': expected 2 or more"
              .formatted(name, limit),
          "Set it to 2 or more: the keyset rotates at half of it.");
    }
    return limit != null ? limit : RotationPolicy.defaultMaxOperations(template);
  }

  /** A day, or longer if a day is not safe. */
  private Duration standardPropagation(PropagationRule rule) {
    Duration least = rule.least();
    return shared && least.compareTo(SHARED_PROPAGATION) < 0 ? SHARED_PROPAGATION : least;
  }

  private Duration emergencyPropagation() {
    return shared
        ? refreshInterval.multipliedBy(2).plus(properties.rotation().drain())
        : Duration.ZERO;
  }

  private static Duration orElse(@Nullable Duration chosen, Duration standard) {
    return chosen != null ? chosen : standard;
  }

  private PropagationRule rule() {
    if (!shared) {
      return PropagationRule.SINGLE_PROCESS;
    }
    KeysetProperties.Rotation rotation = properties.rotation();
    return new PropagationRule(
        rotation.maxStaleness(),
        rotation.drain(),
        rotation.clockSkew(),
        (rotation.backupInterval() != null) ? rotation.backupInterval() : Duration.ZERO);
  }

  private String owner(String name, KeysetProperties.Keyset keyset) {
    String named = keyset.owner();
    if (named == null) {
      return applicationName();
    }
    String property = "latchkey.keysets.%s.owner".formatted(name);
    requireOwner(property, named);
    if (keyset.access().owns() && !named.equals(applicationName())) {
      throw new LatchkeyException(
          "%s is '%s', but this application is '%s': only the owner writes a keyset"
              .formatted(property, named, applicationName()),
          "Add latchkey.keysets.%1$s.access=read, or latchkey.keysets.%1$s.access=public for its public half."
              .formatted(name));
    }
    return named;
  }

  private String applicationName() {
    if (StringUtils.hasText(properties.owner())) {
      requireOwner("latchkey.owner", properties.owner());
      return properties.owner();
    }
    if (StringUtils.hasText(applicationName)) {
      requireOwner("spring.application.name", applicationName);
      return applicationName;
    }
    if (shared) {
      throw new LatchkeyException(
          "spring.application.name is not set, but names the owner of keysets on a shared store",
          "Set spring.application.name to letters, digits, '-' and '_', or set latchkey.owner.");
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
