package dev.latchkey.rotation;

import dev.latchkey.LatchkeyException;
import dev.latchkey.keyset.KeysetTemplate;
import dev.latchkey.keyset.PrimitiveFamily;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How a keyset rotates.
 *
 * @param period how long a key stays active (the originator-usage period of NIST SP 800-57 Part 1
 *     Rev. 5, section 5.3.4), or null if the keyset does not rotate by itself
 * @param propagation how long a spare must have been published before it is promoted, so that every
 *     instance knows it by then
 * @since 0.1
 */
public record RotationPolicy(@Nullable Duration period, Duration propagation) {

  /**
   * The policy of a keyset.
   *
   * @throws LatchkeyException naming the property that does not fit
   */
  public static RotationPolicy of(String keyset, @Nullable Duration period, Duration propagation) {
    String properties = "latchkey.keysets." + keyset + ".rotation.";
    if (period != null && (period.isNegative() || period.isZero())) {
      throw new LatchkeyException(
          "%speriod is %s".formatted(properties, period), "Give a positive duration, such as 90d.");
    }
    if (propagation.isNegative()) {
      throw new LatchkeyException(
          "%spropagation is %s".formatted(properties, propagation),
          "Give a duration of zero or more, such as 24h.");
    }
    if (period != null && period.compareTo(propagation) < 0) {
      throw new LatchkeyException(
          "%speriod (%s) is shorter than its propagation (%s)"
              .formatted(properties, period, propagation),
          "A spare could never be ready in time: lengthen the period.");
    }
    return new RotationPolicy(period, propagation);
  }

  /**
   * How long a key stays active unless the user says otherwise, or null if its keyset does not
   * rotate by itself: where outputs would change, and where what keys make carries no key id, so
   * that every older key must be tried.
   */
  public static @Nullable Duration defaultPeriod(KeysetTemplate template) {
    if (template.family().outputsChange() || template.isRawVariant()) {
      return null;
    }
    return Duration.ofDays(template.family() == PrimitiveFamily.HYBRID ? 365 : 90);
  }
}
