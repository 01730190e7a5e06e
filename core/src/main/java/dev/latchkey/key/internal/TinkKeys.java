package dev.latchkey.key.internal;

import com.google.crypto.tink.KeyTemplates;
import com.google.crypto.tink.KeysetHandle;
import com.google.crypto.tink.Parameters;
import com.google.crypto.tink.PrivateKey;
import com.google.crypto.tink.RegistryConfiguration;
import com.google.crypto.tink.aead.AeadConfig;
import com.google.crypto.tink.config.GlobalTinkFlags;
import com.google.crypto.tink.daead.DeterministicAeadConfig;
import com.google.crypto.tink.hybrid.HybridConfig;
import com.google.crypto.tink.jwt.JwtMacConfig;
import com.google.crypto.tink.jwt.JwtSignatureConfig;
import com.google.crypto.tink.mac.MacConfig;
import com.google.crypto.tink.prf.PrfConfig;
import com.google.crypto.tink.signature.SignatureConfig;
import com.google.crypto.tink.streamingaead.StreamingAeadConfig;
import dev.latchkey.LatchkeyException;
import dev.latchkey.key.KeyMetadata;
import dev.latchkey.key.KeysetMetadata;
import dev.latchkey.key.KeysetTemplate;
import dev.latchkey.key.PrimitiveFamily;
import java.security.GeneralSecurityException;
import java.util.Optional;
import java.util.stream.Stream;

/** What Latchkey asks of Tink: registration, key parameters and primitives. */
public final class TinkKeys {

  private TinkKeys() {}

  /**
   * Registers one family with Tink and no other, since each costs tens of milliseconds the first
   * time. Needed before a key is generated or a keyset is parsed.
   */
  public static void register(PrimitiveFamily family) {
    Registration.valueOf(family.name()).ensure();
  }

  /**
   * Registers the families of all keys of a keyset. Needed before its bytes are parsed.
   *
   * @throws IllegalArgumentException if the template of a key is unknown
   */
  public static void register(KeysetMetadata keyset) {
    try {
      keyset.keys().stream()
          .map(KeyMetadata::template)
          .map(KeysetTemplate::of)
          .map(KeysetTemplate::family)
          .distinct()
          .forEach(TinkKeys::register);
    } catch (LatchkeyException ex) {
      throw new IllegalArgumentException(ex.getMessage(), ex);
    }
  }

  /**
   * The parameters from which Tink generates a key of a template.
   *
   * @throws LatchkeyException if this Java runtime or this version of Tink does not support them
   */
  public static Parameters parameters(KeysetTemplate template) {
    register(template.family());
    try {
      Parameters parameters = KeyTemplates.get(template.name()).toParameters();
      if (template.needsProvider()) {
        KeysetHandle key = KeysetHandle.generateNew(parameters);
        for (Class<?> type : template.family().interfaces()) {
          Object ignored = primitive(key, type);
        }
      }
      return parameters;
    } catch (GeneralSecurityException ex) {
      throw new LatchkeyException(
          "Keys of template '%s' cannot be used in this Java runtime".formatted(template.name()),
          template.needsProvider()
              ? "Add a security provider that supports it, such as"
                  + " org.conscrypt:conscrypt-openjdk-uber, or use another template."
              : "Use Tink 1.24 or later, and in FIPS mode a template that FIPS 140-2 allows.",
          ex);
    }
  }

  /**
   * The template that creates keys with these parameters. Every family must be registered.
   *
   * @param preferred returned if several templates match
   */
  public static Optional<KeysetTemplate> templateOf(
      Parameters parameters, KeysetTemplate preferred) {
    return Stream.concat(Stream.of(preferred.name()), KeysetTemplate.names().stream())
        .filter(name -> creates(name, parameters))
        .findFirst()
        .map(KeysetTemplate::of);
  }

  private static boolean creates(String template, Parameters parameters) {
    try {
      return KeyTemplates.get(template).toParameters().equals(parameters);
    } catch (GeneralSecurityException ex) {
      return false; // unknown in this Java runtime, so no key of it was parsed
    }
  }

  /** A Tink interface that works with these keys. */
  public static <P> P primitive(KeysetHandle keys, Class<P> type) throws GeneralSecurityException {
    return (PrimitiveFamily.needsPublicKeysOnly(type) ? publicHalf(keys) : keys)
        .getPrimitive(RegistryConfiguration.get(), type);
  }

  /** The public keys of a keyset, whether it holds the private ones or not. */
  public static KeysetHandle publicHalf(KeysetHandle keys) throws GeneralSecurityException {
    return keys.getPrimary().getKey() instanceof PrivateKey ? keys.getPublicKeysetHandle() : keys;
  }

  /** What registers a family with Tink, once: doing it again would copy all of Tink's registry. */
  private enum Registration {
    AEAD(AeadConfig::register),
    DETERMINISTIC_AEAD(DeterministicAeadConfig::register),
    STREAMING_AEAD(StreamingAeadConfig::register),
    MAC(MacConfig::register),
    PRF(PrfConfig::register),
    SIGNATURE(SignatureConfig::register),
    HYBRID(HybridConfig::register),
    JWT_MAC(JwtMacConfig::register),
    JWT_SIGNATURE(JwtSignatureConfig::register);

    private final Config config;
    private volatile boolean done;

    Registration(Config config) {
      this.config = config;
    }

    void ensure() {
      if (done) {
        return;
      }
      GlobalTinkFlags.validateKeysetsOnParsing.setValue(true);
      try {
        config.register();
        done = true;
      } catch (GeneralSecurityException ex) {
        throw new IllegalStateException("Tink cannot be initialized for " + this, ex);
      }
    }

    @FunctionalInterface
    private interface Config {
      void register() throws GeneralSecurityException;
    }
  }
}
