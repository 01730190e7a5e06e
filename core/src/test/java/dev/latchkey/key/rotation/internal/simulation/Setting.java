package dev.latchkey.key.rotation.internal.simulation;

import dev.latchkey.key.KeysetId;
import dev.latchkey.key.KeysetTemplate;
import dev.latchkey.key.PrimitiveFamily;
import dev.latchkey.key.rotation.RotationPolicy;
import dev.latchkey.key.rotation.internal.KeysetDefinition;
import dev.latchkey.key.rotation.internal.PropagationRule;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What holds for one simulation as a whole; follows from its seed.
 *
 * @param rule F, E, S and B, which hold for everybody all the time
 * @param family what the keyset's keys are for
 * @param decryptFor how long retired keys are good for; null for ever
 * @param destroyAfter whether they then wait for their destruction, or are disabled only
 * @param maxOperations how often a key may be used; null for as often as one likes
 */
record Setting(
    long seed,
    int instances,
    Duration length,
    Broken broken,
    PropagationRule rule,
    PrimitiveFamily family,
    @Nullable Duration decryptFor,
    @Nullable Duration destroyAfter,
    @Nullable Long maxOperations) {

  static final KeysetId ORDERS = new KeysetId("shop", "orders");

  /** How often an instance uses its key, on average. */
  static final long USES_A_DAY = 2;

  /** For how many days a key that wears out is good for. */
  private static final long DAYS_OF_USES = 60;

  private static final List<KeysetTemplate> AEAD =
      templates("AES256_GCM", "AES128_GCM", "CHACHA20_POLY1305", "XCHACHA20_POLY1305");
  private static final List<KeysetTemplate> MAC =
      templates("HMAC_SHA256_128BITTAG", "HMAC_SHA512_256BITTAG");
  private static final List<KeysetTemplate> SIGNATURE = templates("ED25519");

  static Setting draw(long seed, int instances, Duration length, Broken broken) {
    Chance chance = new Chance(~seed);
    PropagationRule rule =
        new PropagationRule(
            chance.pick(hours(1), hours(6), hours(12), hours(36)),
            chance.pick(Duration.ZERO, minutes(1), minutes(10)),
            chance.pick(Duration.ZERO, minutes(1), minutes(10)),
            chance.pick(Duration.ZERO, hours(12), hours(48), hours(120)));
    PrimitiveFamily family =
        switch (chance.below(20)) {
          case 0 -> PrimitiveFamily.SIGNATURE;
          case 1, 2, 3 -> PrimitiveFamily.MAC;
          default -> PrimitiveFamily.AEAD;
        };
    return new Setting(
        seed,
        instances,
        length,
        broken,
        rule,
        family,
        chance.of(0.25) ? Duration.ofDays(100) : null,
        chance.of(0.5) ? Duration.ofDays(7) : null,
        chance.of(0.25) ? DAYS_OF_USES * USES_A_DAY * instances : null);
  }

  /** A configuration that an application may start with. */
  KeysetDefinition configuration(Chance chance) {
    Duration least = rule.least();
    Duration propagation = chance.pick(least, least, least.plus(hours(5)), least.multipliedBy(2));
    Duration period = Duration.ofDays(15 + chance.below(40));
    if (period.compareTo(propagation) < 0 || chance.of(0.2)) {
      period = longest(propagation, Duration.ofDays(10));
    }
    if (maxOperations != null) {
      period = Duration.ofDays(300); // they wear out long before
    }
    KeysetTemplate template =
        chance.pick(
            switch (family) {
              case SIGNATURE -> SIGNATURE;
              case MAC -> MAC;
              default -> AEAD;
            });
    rule.check("orders", propagation);
    if (broken.promotesTooEarly()) {
      propagation = broken.least(rule);
    }
    return new KeysetDefinition(
        ORDERS,
        template,
        RotationPolicy.of(
                "rotation.",
                period,
                propagation,
                broken == Broken.EMERGENCY_PROPAGATION ? Duration.ZERO : emergencyPropagation(),
                RotationPolicy.rejectsCompromised(template))
            .withEnd("rotation.", decryptFor, decryptFor == null ? null : destroyAfter)
            .withMaxOperations(maxOperations),
        true,
        rule.maxStaleness());
  }

  /** Twice the interval of the polls, and E. */
  Duration emergencyPropagation() {
    return rule.drain().plus(minutes(2));
  }

  /** How far a clock of one of the store's nodes is off: no two by more than S. */
  Duration nodeSkew(Chance chance) {
    return chance.within(rule.clockSkew().dividedBy(2));
  }

  /** Mostly minutes, sometimes hours, now and then longer than F. */
  Duration shortOrLong(Chance chance) {
    return switch (chance.below(8)) {
      case 0, 1 -> chance.upTo(rule.maxStaleness());
      case 2 -> chance.upTo(rule.maxStaleness().multipliedBy(3));
      default -> chance.upTo(minutes(10));
    };
  }

  /** How to run just this one again. */
  String command() {
    return "mvn -pl core test -Dtest=SimulationTests#noOperationEverFailsForLackOfAKey -Dlatchkey.simulation.seed=%d"
            .formatted(seed)
        + " -Dlatchkey.simulation.instances=%d -Dlatchkey.simulation.days=%d"
            .formatted(instances, length.toDays());
  }

  static Duration longest(Duration one, Duration other) {
    return one.compareTo(other) >= 0 ? one : other;
  }

  private static List<KeysetTemplate> templates(String... names) {
    return List.of(names).stream().map(KeysetTemplate::of).toList();
  }

  private static Duration hours(int hours) {
    return Duration.ofHours(hours);
  }

  private static Duration minutes(int minutes) {
    return Duration.ofMinutes(minutes);
  }
}
