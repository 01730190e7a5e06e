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
 * @param emergencyPropagation how long that is where the active key is compromised
 * @param rejectCompromised whether a compromised key does nothing any more, or still decrypts and
 *     verifies
 * @since 0.1
 */
public record RotationPolicy(
    @Nullable Duration period,
    Duration propagation,
    Duration emergencyPropagation,
    boolean rejectCompromised) {

  /**
   * The policy of a keyset.
   *
   * @throws LatchkeyException naming the property that does not fit
   */
  public static RotationPolicy of(
      String keyset,
      @Nullable Duration period,
      Duration propagation,
      Duration emergencyPropagation,
      boolean rejectCompromised) {
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
    if (emergencyPropagation.isNegative()) {
      throw new LatchkeyException(
          "%semergency-propagation is %s".formatted(properties, emergencyPropagation),
          "Give a duration of zero or more, such as 12m.");
    }
    if (period != null && period.compareTo(propagation) < 0) {
      throw new LatchkeyException(
          "%speriod (%s) is shorter than its propagation (%s)"
              .formatted(properties, period, propagation),
          "A spare could never be ready in time: lengthen the period.");
    }
    return new RotationPolicy(period, propagation, emergencyPropagation, rejectCompromised);
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

  /**
   * Whether a compromised key is rejected unless the user says otherwise: where a forgery would be
   * worse than a refusal. What was encrypted must still be decrypted.
   */
  public static boolean rejectsCompromised(KeysetTemplate template) {
    return switch (template.family()) {
      case MAC, JWT_MAC, SIGNATURE, JWT_SIGNATURE -> true;
      case AEAD, STREAMING_AEAD, HYBRID, DETERMINISTIC_AEAD, PRF -> false;
    };
  }

  /** Whether the user may choose: where what was encrypted may be given up, as with tokens. */
  public static boolean canRejectCompromised(KeysetTemplate template) {
    return template.family() == PrimitiveFamily.AEAD
        || template.family() == PrimitiveFamily.STREAMING_AEAD;
  }
}
