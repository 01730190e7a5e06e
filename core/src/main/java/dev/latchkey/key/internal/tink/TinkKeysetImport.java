package dev.latchkey.key.internal.tink;

import com.google.crypto.tink.InsecureSecretKeyAccess;
import com.google.crypto.tink.KeysetHandle;
import com.google.crypto.tink.PrivateKey;
import com.google.crypto.tink.TinkProtoKeysetFormat;
import com.google.crypto.tink.proto.KeyStatusType;
import com.google.crypto.tink.proto.Keyset;
import dev.latchkey.LatchkeyException;
import dev.latchkey.key.KeyMetadata;
import dev.latchkey.key.KeyState;
import dev.latchkey.key.KeysetId;
import dev.latchkey.key.KeysetTemplate;
import dev.latchkey.key.PrimitiveFamily;
import dev.latchkey.key.internal.KeysetEditor;
import dev.latchkey.key.internal.TinkKeys;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Imports the keys of an existing Tink keyset with their ids: the primary key becomes the active
 * key, other enabled keys only decrypt and verify, disabled keys stay disabled. Their ages count
 * from the import.
 */
final class TinkKeysetImport {

  private final String source;
  private final Keyset keyset;
  private final KeysetTemplate template;

  /**
   * @param source its origin, for messages
   * @param template the template of new keys
   */
  TinkKeysetImport(String source, Keyset keyset, KeysetTemplate template) {
    this.source = source;
    this.keyset = keyset;
    this.template = template;
  }

  KeysetEditor start(KeysetId id, Duration propagation) {
    requireUsablePrimary();
    requireDistinctIds();
    KeysetHandle handle = parse();
    List<KeyMetadata> keys = new ArrayList<>();
    int next = 0;
    for (Keyset.Key key : keyset.getKeyList()) {
      String made =
          key.getStatus() == KeyStatusType.DESTROYED
              ? template.name()
              : templateOf(handle.getAt(next++)).name();
      keys.add(
          new KeyMetadata(
              Integer.toUnsignedLong(key.getKeyId()), state(key), made, propagation, 1, Map.of()));
    }
    return KeysetEditor.adopt(id, handle, keys).addSpare(template, propagation);
  }

  private void requireUsablePrimary() {
    boolean usable =
        keyset.getKeyList().stream()
            .anyMatch(key -> isPrimary(key) && key.getStatus() == KeyStatusType.ENABLED);
    if (!usable) {
      throw new LatchkeyException(
          "The Tink keyset %s has no enabled primary key".formatted(source),
          "Promote one of its enabled keys (tinkey promote-key).");
    }
  }

  private boolean isPrimary(Keyset.Key key) {
    return key.getKeyId() == keyset.getPrimaryKeyId();
  }

  private void requireDistinctIds() {
    Set<Integer> ids = new HashSet<>();
    for (Keyset.Key key : keyset.getKeyList()) {
      if (!ids.add(key.getKeyId())) {
        throw new LatchkeyException(
            "The Tink keyset %s has two keys with the id %s"
                .formatted(source, Integer.toUnsignedString(key.getKeyId())),
            "Key ids must be unique. Re-encrypt with a keyset whose ids are, and import that keyset.");
      }
    }
  }

  private KeyState state(Keyset.Key key) {
    if (isPrimary(key)) {
      return KeyState.ACTIVE;
    }
    return switch (key.getStatus()) {
      case ENABLED -> KeyState.RETIRED;
      case DESTROYED -> KeyState.DESTROYED;
      default -> KeyState.DISABLED;
    };
  }

  /** The keys that are not destroyed, in order. All families are registered to parse any key. */
  private KeysetHandle parse() {
    for (PrimitiveFamily family : PrimitiveFamily.values()) {
      TinkKeys.register(family);
    }
    Keyset.Builder alive = Keyset.newBuilder().setPrimaryKeyId(keyset.getPrimaryKeyId());
    keyset.getKeyList().stream()
        .filter(key -> key.getStatus() != KeyStatusType.DESTROYED)
        .forEach(alive::addKey);
    byte[] bytes = alive.build().toByteArray();
    try {
      return TinkProtoKeysetFormat.parseKeyset(bytes, InsecureSecretKeyAccess.get());
    } catch (GeneralSecurityException ex) {
      throw new LatchkeyException(
          "The Tink keyset %s holds keys that cannot be used here: %s"
              .formatted(source, types(alive)),
          "Import only keys of types that Tink 1.24 supports in this Java runtime; some need a security"
              + " provider such as org.conscrypt:conscrypt-openjdk-uber.");
    } finally {
      Arrays.fill(bytes, (byte) 0);
    }
  }

  private static String types(Keyset.Builder keys) {
    return String.join(
        ", ",
        keys.getKeyList().stream()
            .map(key -> key.getKeyData().getTypeUrl().replaceFirst(".*[/.]", ""))
            .distinct()
            .toList());
  }

  private KeysetTemplate templateOf(KeysetHandle.Entry entry) {
    String key = "Key %s of the Tink keyset %s".formatted(unsigned(entry), source);
    KeysetTemplate made =
        TinkKeys.templateOf(entry.getKey().getParameters(), template)
            .orElseThrow(
                () ->
                    new LatchkeyException(
                        "%s matches no Tink key template: %s"
                            .formatted(key, entry.getKey().getParameters()),
                        "Only keys that match a template can be imported. Re-encrypt its data with a"
                            + " key of template %s, and import that keyset."
                                .formatted(template.name())));
    if (made.family() != template.family()) {
      throw new LatchkeyException(
          "%s has template %s and provides %s, but the configured template is %s"
              .formatted(key, made.name(), made.family().interfaceNames(), template.name()),
          "Set the keyset's template to %s, or import a keyset that provides %s."
              .formatted(made.name(), template.family().interfaceNames()));
    }
    if (made.family().hasPublicKeys() && !(entry.getKey() instanceof PrivateKey)) {
      throw new LatchkeyException(
          "%s is a public key".formatted(key),
          "Import the private keyset: public keys alone cannot be rotated.");
    }
    return made;
  }

  private static String unsigned(KeysetHandle.Entry entry) {
    return Integer.toUnsignedString(entry.getId());
  }
}
