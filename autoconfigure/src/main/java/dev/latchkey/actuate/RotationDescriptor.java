package dev.latchkey.actuate;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.latchkey.key.KeyDestruction;
import dev.latchkey.key.KeyMetadata;
import dev.latchkey.key.KeyState;
import dev.latchkey.key.KeyUsage;
import dev.latchkey.key.rotation.KeyAction;
import dev.latchkey.key.rotation.KeysetStatus;
import dev.latchkey.key.rotation.NextStep;
import dev.latchkey.key.rotation.OpenDestruction;
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
 * What the {@code rotation} endpoint shows. Built from metadata alone: nothing in it was ever next
 * to key bytes.
 *
 * @param store what keeps the keysets; null without keysets
 * @param freshness that of the keyset that may be furthest behind; null without keysets
 * @param keysets how each stands, by name
 * @param secrets how each secret that rotates stands, by name
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
   * What keeps the keysets.
   *
   * @param type {@code vault}, {@code file} or {@code memory}
   */
  public record Store(String type) {}

  /**
   * How far the keys in use may be behind those in the store.
   *
   * @param lastProvedRead when the store last gave what is proved to be its newest, by its clock;
   *     absent if it did not since the start
   * @param age how long ago that was; since the start if it did not since then
   * @param state {@code proven}, {@code unproven} where the newest answer may be an old one, or
   *     {@code stale} where the age is greater than {@code latchkey.rotation.max-staleness}
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Freshness(@Nullable Instant lastProvedRead, Duration age, String state) {

    static Freshness of(dev.latchkey.key.rotation.Freshness freshness) {
      return new Freshness(freshness.lastProvedRead(), freshness.age(), kebab(freshness.state()));
    }
  }

  /**
   * How a keyset stands.
   *
   * @param access {@code own}, {@code read} or {@code public}
   * @param policy how it rotates; absent where another application owns it
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
   * How it rotates.
   *
   * @param period how long a key stays active, or {@code never}
   * @param propagation how long a spare must have been published before it is promoted
   * @param emergencyPropagation how long that is where the active key is compromised
   * @param rejectCompromised whether a compromised key does nothing any more
   * @param maxOperations how often a key may protect something, on all instances together
   * @param decryptFor how long a retired key still decrypts and verifies
   * @param destroyAfter how long it then waits for its destruction
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

  /** What happens next: a dry run. */
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
   * @param compromised whether it is known to others, in whatever state
   * @param times when it entered each state, by the store's clock
   * @param operations how often this instance used it since it started
   * @param destruction how far its destruction came, or null if nobody asked for it
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
   * How far the destruction of a key came.
   *
   * @param by who asked for it
   * @param waitsFor what it waits for, as far as this instance has tried to go on with it
   * @param receipt what was verified; null as long as something is left to do
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
   * What keeps a destruction from going on.
   *
   * @param commands what an operator types, in this order
   */
  public record WaitsFor(String reason, String fix, List<String> commands) {}

  /**
   * That a key's bytes are gone, as far as that can be verified.
   *
   * @param verifiedAt when, by the store's clock
   * @param evidence what was seen of that
   * @param beyondReach where copies may be left
   */
  public record Receipt(Instant verifiedAt, List<String> evidence, List<String> beyondReach) {

    static Receipt of(KeyDestruction.Receipt receipt) {
      return new Receipt(receipt.verifiedAt(), receipt.evidence(), receipt.beyondReach());
    }
  }

  /**
   * Uses of a key by this instance.
   *
   * @param protectedCount how often it encrypted, computed or signed
   * @param processedCount how often it decrypted or verified
   * @param lastProcessed when it last did, to one refresh
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Operations(
      @JsonProperty("protected") long protectedCount,
      @JsonProperty("processed") long processedCount,
      @Nullable Instant lastProcessed) {}

  /**
   * What came of an action.
   *
   * @param risk what was risked by forcing it, or is to be known of it, or null
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Performed(String action, Keyset keyset, @Nullable String risk) {

    /** Whether something is left to do for the key that was named. */
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
