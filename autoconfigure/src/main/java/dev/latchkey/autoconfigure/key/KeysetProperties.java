package dev.latchkey.autoconfigure.key;

import dev.latchkey.autoconfigure.internal.Durations;
import dev.latchkey.autoconfigure.key.internal.ServedJwkSet;
import dev.latchkey.autoconfigure.key.internal.ServedJwkSets;
import dev.latchkey.key.KeysetAccess;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Keysets and how they rotate.
 *
 * @param owner Owner of this application's keysets. Defaults to 'spring.application.name'.
 * @param keysets Keysets by name: lowercase words of letters and digits, joined by single dashes.
 * @param rotation Settings that apply to all keysets.
 */
@ConfigurationProperties("latchkey")
record KeysetProperties(
    @Nullable String owner,
    @DefaultValue Map<String, Keyset> keysets,
    @DefaultValue Rotation rotation) {

  /**
   * The JWK sets to serve.
   *
   * @throws dev.latchkey.LatchkeyException if one can't be served
   */
  ServedJwkSets servedJwkSets() {
    List<ServedJwkSet> served = new ArrayList<>();
    keysets.forEach(
        (name, keyset) -> {
          ServedJwkSet set =
              ServedJwkSet.of(
                  name, keyset.template(), keyset.jwks().path(), keyset.jwks().maxAge());
          if (set != null) {
            served.add(set);
          }
        });
    return new ServedJwkSets(served);
  }

  /**
   * One keyset.
   *
   * @param template Tink key template for new keys, such as AES256_GCM. Required.
   * @param owner Application that owns the keyset, by its 'spring.application.name'. Defaults to
   *     this application.
   * @param access What this application may do with the keyset: own and rotate it, read it, or read
   *     its public half.
   * @param create Whether to create the keyset and its key-encryption key if the store confirms
   *     that they have never existed.
   * @param minimumGeneration Lowest generation of the keyset that startup accepts: protects against
   *     an old document that was restored. With 2 or more, the keyset is never created.
   * @param importFrom Keys that a new keyset starts with: an existing Tink keyset in JSON or binary
   *     form ('file:' or 'classpath:'), or the keyset of an embedded store ('file-store:' and its
   *     directory). Ignored once the keyset exists.
   * @param importKey Key that decrypts the imported Tink keyset: 'transit:' and the name of a
   *     Transit key, or the name of a bean of type com.google.crypto.tink.Aead. If not set, the
   *     imported keyset is expected in cleartext.
   * @param importAssociatedData Associated data that the imported Tink keyset was encrypted with.
   * @param whenCompromised What happens to a compromised key once another key is active. By
   *     default, keys for signatures and message authentication are rejected, and other keys are
   *     kept. Can be set for AEAD and streaming AEAD keysets.
   * @param rotation How the keyset rotates.
   * @param jwks How the public keys of a keyset for JWT signatures are served.
   */
  record Keyset(
      @Nullable String template,
      @Nullable String owner,
      @DefaultValue("own") KeysetAccess access,
      @DefaultValue("if-absent") Create create,
      @Nullable Long minimumGeneration,
      @Nullable String importFrom,
      @Nullable String importKey,
      @Nullable String importAssociatedData,
      @Nullable WhenCompromised whenCompromised,
      @DefaultValue KeysetRotation rotation,
      @DefaultValue Jwks jwks) {

    boolean mayBeCreated() {
      return create == Create.IF_ABSENT && (minimumGeneration == null || minimumGeneration < 2);
    }
  }

  /**
   * How the public keys of a keyset for JWT signatures are served: as a JWK set (RFC 7517).
   *
   * @param path Path of the JWK set, such as '/.well-known/jwks.json'. If not set, it is not
   *     served.
   * @param maxAge How long clients may cache the JWK set. A spare is published for that much longer
   *     before it is promoted.
   */
  record Jwks(@Nullable String path, @DefaultValue("0s") Duration maxAge) {}

  /** What happens to a compromised key once another key is active. */
  enum WhenCompromised {
    /** Still decrypts, so that existing data remains readable. */
    KEEP,
    /** Neither decrypts nor verifies: existing data is refused. */
    REJECT
  }

  /** Whether a keyset may be created. */
  enum Create {
    /** If the store confirms that it has never existed. */
    IF_ABSENT,
    /** Never: an operator creates it beforehand. */
    NEVER
  }

  /**
   * How a keyset rotates.
   *
   * @param period How long a key stays active. Defaults to 90d, or 365d for hybrid encryption.
   *     Keysets whose outputs would change, or whose keys have no ID, do not rotate automatically.
   * @param propagation Minimum time between publishing and promoting a spare. Defaults to 24h on a
   *     shared store, or longer if 24h is not safe, and to 0 on an embedded store.
   * @param emergencyPropagation Minimum time between publishing and promoting a replacement for a
   *     compromised key. Defaults to twice the refresh interval plus the drain time on a shared
   *     store, and to 0 on an embedded store.
   * @param maxOperations Usage limit: how many times a key may encrypt, compute or sign, on all
   *     instances together. The keyset rotates at half the limit. Defaults to 2^32 for AES-GCM and
   *     ChaCha20-Poly1305, and to 2^48 for AES-EAX, AES-CTR-HMAC and AES-CMAC; other keys have no
   *     limit.
   * @param decryptFor How long a retired key still decrypts and verifies. If not set, indefinitely,
   *     so that no protected data is lost.
   * @param destroyAfter How long a key waits for its destruction after 'decrypt-for', at least 7d.
   *     If not set, the key is disabled and never destroyed automatically.
   */
  record KeysetRotation(
      @Nullable Duration period,
      @Nullable Duration propagation,
      @Nullable Duration emergencyPropagation,
      @Nullable Long maxOperations,
      @Nullable Duration decryptFor,
      @Nullable Duration destroyAfter) {

    static final KeysetRotation UNSET = new KeysetRotation(null, null, null, null, null, null);
  }

  /**
   * Settings for all keysets on a shared store.
   *
   * @param maxStaleness Maximum age of the last proved read with which an instance may work.
   * @param drain Time that an instance needs to shut down, plus its longest request.
   * @param clockSkew Clock skew between the nodes of the store.
   * @param maxClockDifference Maximum difference between the clocks of the store and of an instance
   *     for a key to be disabled or destroyed automatically. On an embedded store, the maximum jump
   *     of its clock.
   * @param backupInterval Time between two backups of the store. Leave it unset if a restored
   *     backup need not contain every active key.
   * @param whenStale What an instance does when its last proved read is older than 'max-staleness'.
   */
  record Rotation(
      @DefaultValue(DEFAULT_MAX_STALENESS) Duration maxStaleness,
      @DefaultValue("10m") Duration drain,
      @DefaultValue("10m") Duration clockSkew,
      @DefaultValue("1h") Duration maxClockDifference,
      @Nullable Duration backupInterval,
      @DefaultValue("report") WhenStale whenStale) {

    static final String DEFAULT_MAX_STALENESS = "12h";

    Rotation {
      Durations.requireNotNegative("latchkey.rotation.max-staleness", maxStaleness);
      Durations.requireNotNegative("latchkey.rotation.drain", drain);
      Durations.requireNotNegative("latchkey.rotation.clock-skew", clockSkew);
      Durations.requirePositive("latchkey.rotation.max-clock-difference", maxClockDifference);
      Durations.requireNotNegative("latchkey.rotation.backup-interval", backupInterval);
    }
  }

  /** What an instance does while its keys may be stale. */
  enum WhenStale {
    /** Reports it and continues, so that an outage of the store does not take the fleet down. */
    REPORT,
    /** Also refuses traffic through its readiness until the store is available again. */
    OUT_OF_SERVICE
  }
}
