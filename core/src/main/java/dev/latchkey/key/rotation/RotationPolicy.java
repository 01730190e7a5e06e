package dev.latchkey.key.rotation;

import dev.latchkey.LatchkeyException;
import dev.latchkey.key.KeysetTemplate;
import dev.latchkey.key.PrimitiveFamily;
import java.time.Duration;
import java.util.regex.Pattern;
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
 * @param maxOperations how often a key may protect something; at half of it the keyset rotates;
 *     null for no limit
 * @param decryptFor how long a retired key still decrypts and verifies (the recipient-usage period
 *     of NIST SP 800-57 Part 1 Rev. 5, section 5.3.4), or null for ever
 * @param destroyAfter how long a key then waits for its destruction, or null if that is not
 *     scheduled by itself
 * @since 0.1
 */
public record RotationPolicy(
    @Nullable Duration period,
    Duration propagation,
    Duration emergencyPropagation,
    boolean rejectCompromised,
    @Nullable Long maxOperations,
    @Nullable Duration decryptFor,
    @Nullable Duration destroyAfter) {

  /** That of a keyset that does nothing by itself. */
  public static final RotationPolicy NEVER =
      new RotationPolicy(null, Duration.ZERO, Duration.ZERO, false, null, null, null);

  private static final Duration SHORTEST_WAIT = Duration.ofDays(7);

  /** Random 96-bit nonces: NIST SP 800-38D, section 8.3. */
  private static final long MAX_AES_GCM_OPERATIONS = 1L << 32;

  private static final Pattern AES_GCM = Pattern.compile("AES(128|256)_GCM(_RAW)?");

  /**
   * The policy of a keyset, without a limit to the uses of a key, or to the time of them.
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
    return new RotationPolicy(
        period, propagation, emergencyPropagation, rejectCompromised, null, null, null);
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

  /** This policy with a limit to the uses of a key. */
  public RotationPolicy withMaxOperations(@Nullable Long limit) {
    return new RotationPolicy(
        period,
        propagation,
        emergencyPropagation,
        rejectCompromised,
        limit,
        decryptFor,
        destroyAfter);
  }

  /**
   * This policy with an end to retired keys.
   *
   * @throws LatchkeyException naming the property that does not fit
   */
  public RotationPolicy withEnd(
      String keyset, @Nullable Duration decryptFor, @Nullable Duration destroyAfter) {
    String properties = "latchkey.keysets." + keyset + ".rotation.";
    if (decryptFor != null && (decryptFor.isNegative() || decryptFor.isZero())) {
      throw new LatchkeyException(
          "%sdecrypt-for is %s".formatted(properties, decryptFor),
          "Give a positive duration, such as 365d, or leave it out: then nothing that was"
              + " protected is ever lost.");
    }
    if (destroyAfter != null && destroyAfter.compareTo(SHORTEST_WAIT) < 0) {
      throw new LatchkeyException(
          "%sdestroy-after is %s".formatted(properties, destroyAfter),
          "Give at least 7d: that is the time to notice that a key is still needed.");
    }
    if (destroyAfter != null && decryptFor == null) {
      throw new LatchkeyException(
          "%sdestroy-after is set, but %sdecrypt-for is not".formatted(properties, properties),
          "Set decrypt-for, after which a retired key is scheduled for its destruction.");
    }
    return new RotationPolicy(
        period,
        propagation,
        emergencyPropagation,
        rejectCompromised,
        maxOperations,
        decryptFor,
        destroyAfter);
  }

  /** How long a key is scheduled for its destruction before that may begin. */
  public Duration destructionWait() {
    return destroyAfter != null ? destroyAfter : SHORTEST_WAIT;
  }

  /** Whether a key that has protected so much is to be replaced: half of the limit is left then. */
  public boolean isWorn(long operations) {
    return maxOperations != null && operations >= maxOperations / 2;
  }

  /** How often a key may protect something unless the user says otherwise; null for no limit. */
  public static @Nullable Long defaultMaxOperations(KeysetTemplate template) {
    return AES_GCM.matcher(template.name()).matches() ? MAX_AES_GCM_OPERATIONS : null;
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
