package dev.latchkey.actuate;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.latchkey.key.KeyDestruction;
import dev.latchkey.key.KeyMetadata;
import dev.latchkey.key.KeyState;
import dev.latchkey.key.KeyUsage;
import dev.latchkey.key.rotation.KeyAction;
import dev.latchkey.key.rotation.KeysetStatus;
import dev.latchkey.key.rotation.KeysetStatus.NextStep;
import dev.latchkey.key.rotation.KeysetStatus.OpenDestruction;
import dev.latchkey.key.rotation.RotationPolicy;
import dev.latchkey.key.rotation.RotationStatus;
import dev.latchkey.secret.SecretStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Response of the {@code rotation} endpoint. It is built from metadata only and never contains key
 * material.
 *
 * @param store the store of the keysets, or null if there are no keysets
 * @param freshness the freshness of the least fresh keyset, or null if there are no keysets
 * @param keysets the keysets, by name
 * @param secrets the rotating secrets, by name
 * @since 0.1
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record RotationDescriptor(
    @Nullable Store store,
    @Nullable Freshness freshness,
    Map<String, Keyset> keysets,
    Map<String, SecretDescriptor> secrets) {

  static RotationDescriptor of(RotationStatus status, Map<String, SecretStatus> secretStatus) {
    Map<String, SecretDescriptor> secrets = new LinkedHashMap<>();
    secretStatus.forEach((name, each) -> secrets.put(name, SecretDescriptor.of(each)));
    Map<String, Keyset> keysets = new LinkedHashMap<>();
    status.keysets().forEach((name, each) -> keysets.put(name, Keyset.of(each)));
    return new RotationDescriptor(
        status.store().map(Store::new).orElse(null),
        status.freshness().map(Freshness::of).orElse(null),
        keysets,
        secrets);
  }

  /**
   * The store of the keysets.
   *
   * @param type {@code vault}, {@code file} or {@code memory}
   */
  public record Store(String type) {}

  /**
   * How current the keys in use are, compared with the store.
   *
   * @param lastProvedRead time of the last proven read, by the store's clock; absent if there was
   *     none since startup
   * @param age time since the last proven read, or since startup if there was none
   * @param state {@code proven}; {@code unproven} if the most recent response may be outdated; or
   *     {@code stale} if the age exceeds {@code latchkey.rotation.max-staleness}
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Freshness(@Nullable Instant lastProvedRead, Duration age, String state) {

    public static Freshness of(dev.latchkey.key.rotation.KeysetStatus.Freshness freshness) {
      return new Freshness(freshness.lastProvedRead(), freshness.age(), kebab(freshness.state()));
    }
  }

  /**
   * A keyset and its state.
   *
   * @param access {@code own}, {@code read} or {@code public}
   * @param policy the rotation policy; absent if another application owns the keyset
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Keyset(
      String owner,
      String access,
      String template,
      List<String> primitives,
      long generation,
      Freshness freshness,
      @Nullable Policy policy,
      Next next,
      Object activeKeyTotal,
      List<Key> keys,
      @Nullable String problem) {

    static Keyset of(KeysetStatus status) {
      return new Keyset(
          status.id().owner(),
          kebab(status.access()),
          status.template().name(),
          status.access().interfaces(status.template().family()).stream()
              .map(Class::getSimpleName)
              .toList(),
          status.generation(),
          Freshness.of(status.freshness()),
          status.access().owns() ? Policy.of(status.policy()) : null,
          Next.of(status.next()),
          status.activeKeyTotal().isPresent() ? status.activeKeyTotal().getAsLong() : "unknown",
          status.metadata().keys().stream()
              .map(
                  key ->
                      Key.of(
                          key,
                          status.usage().getOrDefault(key.id(), KeyUsage.NONE),
                          status.openDestructions().get(key.id())))
              .toList(),
          status.problem());
    }
  }

  /**
   * The rotation policy of a keyset.
   *
   * @param period time for which a key stays active, or {@code never}
   * @param propagation minimum time between publishing and promoting a spare
   * @param emergencyPropagation minimum time between publishing and promoting a replacement for a
   *     compromised key
   * @param rejectCompromised whether data of a compromised key is rejected
   * @param maxOperations usage limit of a key, across all instances
   * @param decryptFor time for which a retired key still decrypts and verifies
   * @param destroyAfter time between scheduling a retired key for destruction and destroying it
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Policy(
      Object period,
      Duration propagation,
      Duration emergencyPropagation,
      boolean rejectCompromised,
      @Nullable Long maxOperations,
      @Nullable Duration decryptFor,
      @Nullable Duration destroyAfter) {

    static Policy of(RotationPolicy policy) {
      Duration period = policy.period();
      return new Policy(
          (period != null) ? period : "never",
          policy.propagation(),
          policy.emergencyPropagation(),
          policy.rejectCompromised(),
          policy.maxOperations(),
          policy.decryptFor(),
          policy.destroyAfter());
    }
  }

  /** The next step, determined by a dry run. */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Next(
      String action, @Nullable String key, @Nullable Instant at, @Nullable String blockedBy) {

    static Next of(NextStep step) {
      Long key = step.key();
      return new Next(
          kebab(step.action()), (key != null) ? key.toString() : null, step.at(), step.blockedBy());
    }
  }

  /**
   * A key.
   *
   * @param compromised whether the key is compromised, in any state
   * @param times time of entering each state, by the store's clock
   * @param operations uses by this instance since startup
   * @param destruction progress of the destruction, or null if none was requested
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Key(
      String id,
      KeyState state,
      boolean compromised,
      String template,
      Duration propagation,
      Map<String, Instant> times,
      Operations operations,
      @Nullable Destruction destruction) {

    static Key of(KeyMetadata key, KeyUsage usage, @Nullable OpenDestruction open) {
      Map<String, Instant> times = new LinkedHashMap<>();
      key.times().forEach((state, time) -> times.put(kebab(state), time));
      return new Key(
          Long.toString(key.id()),
          key.state(),
          key.compromised(),
          key.template(),
          key.propagation(),
          times,
          new Operations(usage.protectedCount(), usage.processedCount(), usage.lastProcessed()),
          Destruction.of(key.destruction(), open));
    }
  }

  /**
   * Progress of the destruction of a key.
   *
   * @param by who requested it
   * @param waitsFor what the destruction waits for, if this instance has attempted it
   * @param receipt what was verified, or null while the destruction is incomplete
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Destruction(String by, @Nullable WaitsFor waitsFor, @Nullable Receipt receipt) {

    static @Nullable Destruction of(
        @Nullable KeyDestruction destruction, @Nullable OpenDestruction open) {
      return destruction == null
          ? null
          : new Destruction(
              destruction.by(),
              open == null ? null : new WaitsFor(open.reason(), open.fix(), open.commands()),
              destruction.receipt() == null ? null : Receipt.of(destruction.receipt()));
    }

    boolean isOpen() {
      return receipt == null;
    }
  }

  /**
   * What blocks a destruction.
   *
   * @param commands commands for an operator to run, in this order
   */
  public record WaitsFor(String reason, String fix, List<String> commands) {}

  /**
   * Confirms that the key material was destroyed, as far as this can be verified.
   *
   * @param verifiedAt time of the verification, by the store's clock
   * @param evidence what was verified
   * @param beyondReach where copies may remain
   */
  public record Receipt(Instant verifiedAt, List<String> evidence, List<String> beyondReach) {

    static Receipt of(KeyDestruction.Receipt receipt) {
      return new Receipt(receipt.verifiedAt(), receipt.evidence(), receipt.beyondReach());
    }
  }

  /**
   * Uses of a key by this instance.
   *
   * @param protectedCount number of encryptions, computations and signatures
   * @param processedCount number of decryptions and verifications
   * @param lastProcessed time of the last decryption or verification, with the precision of a
   *     refresh
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Operations(
      @JsonProperty("protected") long protectedCount,
      @JsonProperty("processed") long processedCount,
      @Nullable Instant lastProcessed) {}

  /**
   * Result of an action on a keyset.
   *
   * @param risk the risk of the action, for example because it was forced, or null
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Performed(String action, Keyset keyset, @Nullable String risk) {

    /** Returns whether the destruction of the given key is incomplete. */
    boolean isOpen(@Nullable String key) {
      return action.equals(KeyAction.DESTROY.text())
          && keyset.keys().stream()
              .filter(each -> each.id().equals(key))
              .anyMatch(each -> each.destruction() != null && each.destruction().isOpen());
    }
  }

  private static String kebab(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
