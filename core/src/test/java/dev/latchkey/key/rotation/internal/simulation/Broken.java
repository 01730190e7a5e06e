package dev.latchkey.key.rotation.internal.simulation;

import dev.latchkey.key.rotation.internal.PropagationRule;
import java.time.Duration;

/** A rule that a simulation is run without, to show that it would be missed. */
enum Broken {
  NOTHING(""),
  /** A spare is promoted when half of the time is over that the rule asks for. */
  PROMOTION_AGE("lacks"),
  /** F is left out of the sum that tells how long a spare must be published. */
  MAX_STALENESS("lacks"),
  /** E is left out of that sum. */
  DRAIN("lacks"),
  /** S is left out of that sum. */
  CLOCK_SKEW("lacks"),
  /** B is left out of that sum. */
  BACKUP_INTERVAL("lacks"),
  /** After a compromise, the next key is promoted at once. */
  EMERGENCY_PROPAGATION("lacks"),
  /** Every instance knows its own uses of a key only. */
  SHARED_USAGE("wears out"),
  /** Times are taken from the clocks of the instances instead of the store's. */
  STORE_CLOCK("lacks"),
  /** A store that gives an error is taken for one that holds nothing. */
  NO_CREATION_ON_ERROR("lacks"),
  /** Whatever the store holds takes the place of what is held. */
  SUCCESSOR_RULE("went back"),
  /** What a node shows that is cut off is taken for the newest. */
  PROVED_READS("has proved nothing"),
  /** The store takes any write, whatever it holds. */
  CHECK_AND_SET("lacks");

  private final String consequence;

  Broken(String consequence) {
    this.consequence = consequence;
  }

  /** What then happens to some instance, as a failure tells it. */
  String consequence() {
    return consequence;
  }

  boolean promotesTooEarly() {
    return compareTo(PROMOTION_AGE) >= 0 && compareTo(BACKUP_INTERVAL) <= 0;
  }

  /** How long a spare must be published where this is broken. */
  Duration least(PropagationRule rule) {
    if (this == PROMOTION_AGE) {
      return rule.least().dividedBy(2);
    }
    return new PropagationRule(
            unless(MAX_STALENESS, rule.maxStaleness()),
            unless(DRAIN, rule.drain()),
            unless(CLOCK_SKEW, rule.clockSkew()),
            unless(BACKUP_INTERVAL, rule.backupInterval()))
        .least();
  }

  private Duration unless(Broken broken, Duration term) {
    return this == broken ? Duration.ZERO : term;
  }
}
