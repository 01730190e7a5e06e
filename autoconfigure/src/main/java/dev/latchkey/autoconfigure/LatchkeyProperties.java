package dev.latchkey.autoconfigure;

import dev.latchkey.autoconfigure.internal.Durations;
import dev.latchkey.autoconfigure.internal.ServedJwkSet;
import dev.latchkey.autoconfigure.internal.ServedJwkSets;
import dev.latchkey.keyset.KeysetAccess;
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
 * @param enabled Whether Latchkey is active. Otherwise there are no keysets, and a reference to a
 *     secret is refused unless another property source answers it.
 * @param keysets Keysets by name: lower-case words of letters and digits joined by single dashes.
 * @param secrets Secrets that rotate, by name: as keysets are named, none as a keyset.
 * @param refresh How the store is followed.
 * @param rotation What holds for all keysets.
 */
@ConfigurationProperties("latchkey")
record LatchkeyProperties(
    @DefaultValue("true") boolean enabled,
    @DefaultValue Map<String, Keyset> keysets,
    @DefaultValue Map<String, Secret> secrets,
    @DefaultValue Refresh refresh,
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
   * @param template Tink key template that new keys are made by, such as AES256_GCM.
   * @param owner Application that owns the keyset, by its 'spring.application.name'. By default
   *     this one.
   * @param access What this application may do with the keyset: rotate it, which only its owner
   *     may; read it; or read its public half.
   * @param create Whether the keyset and its key-encryption key are made where the store says that
   *     they never were.
   * @param importFrom What the keyset starts with where the store says that it never was: an
   *     existing Tink keyset in JSON or binary, 'file:' or 'classpath:'; or what an embedded store
   *     holds, 'file-store:' and its directory. Ignored once the keyset exists.
   * @param importKey What an imported Tink keyset is encrypted with: 'transit:' and the name of a
   *     Transit key of the server, or the name of a bean of type com.google.crypto.tink.Aead. In
   *     the clear if it is not set.
   * @param importAssociatedData Associated data that an imported Tink keyset is encrypted with.
   * @param whenCompromised What becomes of a compromised key. By default keys for signatures and
   *     message authentication are rejected, and others kept; can be chosen for AEAD keysets.
   * @param rotation How the keyset rotates.
   * @param jwks How the public keys of a keyset for JWT signatures are served.
   */
  record Keyset(
      @Nullable String template,
      @Nullable String owner,
      @DefaultValue("own") KeysetAccess access,
      @DefaultValue("if-absent") Create create,
      @Nullable String importFrom,
      @Nullable String importKey,
      @Nullable String importAssociatedData,
      @Nullable WhenCompromised whenCompromised,
      @DefaultValue KeysetRotation rotation,
      @DefaultValue Jwks jwks) {}

  /**
   * How the public keys of a keyset for JWT signatures are served: as a JWK set (RFC 7517).
   *
   * @param path Path at which they are served, such as '/.well-known/jwks.json'. Not served if it
   *     is not set.
   * @param maxAge How long others may keep what they were given. A spare is published for so much
   *     longer before it is promoted.
   */
  record Jwks(@Nullable String path, @DefaultValue("0s") Duration maxAge) {}

  /**
   * One secret that rotates.
   *
   * @param reference Reference to a whole path, such as vault@secret/payments.
   * @param overlap How long credentials with a lease stay valid after others took their place, for
   *     those who use them to finish. At most a third of the lease's greatest lifetime.
   * @param maxAge How long a value is given that the store has not confirmed; credentials with a
   *     lease count from its end. For ever if it is not set, so that an outage of the store stops
   *     nobody.
   */
  record Secret(
      @Nullable String reference,
      @DefaultValue("30s") Duration overlap,
      @Nullable Duration maxAge) {}

  /** What becomes of a compromised key once another is in use. */
  enum WhenCompromised {
    /** Still decrypts: what it protected stays readable. */
    KEEP,
    /** Does nothing any more: what it protected is refused. */
    REJECT
  }

  /** Whether a keyset may be made. */
  enum Create {
    /** Made where the store says with authority that it never was. */
    IF_ABSENT,
    /** Never made: an operator did it before. */
    NEVER
  }

  /**
   * How a keyset rotates.
   *
   * @param period How long a key stays active. By default 90d, or 365d for hybrid encryption; no
   *     rotation by itself where outputs would change or keys have no id.
   * @param propagation How long a spare must have been published before it is promoted. By default
   *     24h on a shared store, or longer where that is not safe, and 0 on an embedded one.
   * @param emergencyPropagation How long that is where the active key is compromised. By default
   *     twice the refresh interval plus the drain on a shared store, and 0 on an embedded one.
   * @param maxOperations How often a key may encrypt, compute or sign, on all instances together;
   *     the keyset rotates at half of it. By default 2^32 for AES-GCM, and no limit for others.
   * @param decryptFor How long a retired key still decrypts and verifies. For ever if it is not
   *     set, so that nothing that was protected is lost.
   * @param destroyAfter How long a retired key whose time to decrypt is over waits for its
   *     destruction, at least 7d. If it is not set, such a key is disabled and never destroyed by
   *     itself.
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
   * How the store is followed.
   *
   * @param interval How often keysets and secrets are read again.
   */
  record Refresh(@DefaultValue(DEFAULT_INTERVAL) Duration interval) {

    static final String DEFAULT_INTERVAL = "60s";

    Refresh {
      Durations.requirePositive("latchkey.refresh.interval", interval);
    }
  }

  /**
   * What holds for all keysets on a shared store.
   *
   * @param maxStaleness Greatest age of the store's answer that an instance may work with.
   * @param drain Time in which an instance stops, plus its longest request.
   * @param clockSkew Skew between the clocks of the store's own nodes.
   * @param backupInterval Time between two backups of the store; unset if a restored backup need
   *     not know every active key.
   * @param whenStale What an instance does while nothing was proved to be the store's newest for
   *     longer than the greatest age.
   */
  record Rotation(
      @DefaultValue(DEFAULT_MAX_STALENESS) Duration maxStaleness,
      @DefaultValue("10m") Duration drain,
      @DefaultValue("10m") Duration clockSkew,
      @Nullable Duration backupInterval,
      @DefaultValue("report") WhenStale whenStale) {

    static final String DEFAULT_MAX_STALENESS = "12h";

    Rotation {
      Durations.requireNotNegative("latchkey.rotation.max-staleness", maxStaleness);
      Durations.requireNotNegative("latchkey.rotation.drain", drain);
      Durations.requireNotNegative("latchkey.rotation.clock-skew", clockSkew);
      Durations.requireNotNegative("latchkey.rotation.backup-interval", backupInterval);
    }
  }

  /** What an instance does whose keys may be too old. */
  enum WhenStale {
    /** Says so, and goes on: an outage of the store must not take the fleet down. */
    REPORT,
    /** Also refuses traffic, by its readiness, until the store answers again. */
    OUT_OF_SERVICE
  }
}
