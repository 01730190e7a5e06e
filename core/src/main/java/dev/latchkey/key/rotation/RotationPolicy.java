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
 *     Rev. 5, section 5.3.4), or null if the keyset does not rotate automatically
 * @param propagation how long a spare must have been published before it is promoted, so that every
 *     instance knows it
 * @param emergencyPropagation the minimum time between publishing and promoting a replacement for a
 *     compromised key
 * @param rejectCompromised whether a compromised key does nothing, instead of still decrypting and
 *     verifying
 * @param maxOperations the usage limit: how often a key may protect something. The keyset rotates
 *     at half of it; null for no limit
 * @param decryptFor how long a retired key still decrypts and verifies (the recipient-usage period
 *     of NIST SP 800-57 Part 1 Rev. 5, section 5.3.4), or null for indefinitely
 * @param destroyAfter how long a key is then scheduled for destruction, or null if it is not
 *     scheduled automatically
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

  /** The policy of a keyset that does nothing automatically. */
  public static final RotationPolicy NEVER =
      new RotationPolicy(null, Duration.ZERO, Duration.ZERO, false, null, null, null);

  private static final Duration SHORTEST_WAIT = Duration.ofDays(7);

  private static final Pattern NONCES_OF_96_BITS =
      Pattern.compile("(AES(128|256)_GCM|CHACHA20_POLY1305)(_RAW)?");

  private static final Pattern NONCES_OR_BLOCKS_OF_128_BITS =
      Pattern.compile("AES(128|256)_(EAX|CTR_HMAC_SHA256)(_RAW)?|AES_CMAC|AES256_CMAC(_RAW)?");

  /**
   * The policy of a keyset without a usage limit and without an end for retired keys.
   *
   * @param prefix what the names of its settings begin with in messages
   * @throws LatchkeyException if a value is invalid, naming its setting
   */
  public static RotationPolicy of(
      String prefix,
      @Nullable Duration period,
      Duration propagation,
      Duration emergencyPropagation,
      boolean rejectCompromised) {
    if (period != null && (period.isNegative() || period.isZero())) {
      throw new LatchkeyException(
          "%speriod is %s, which is not positive".formatted(prefix, period),
          "Use a positive duration, such as 90d.");
    }
    if (propagation.isNegative()) {
      throw new LatchkeyException(
          "%spropagation is %s, which is negative".formatted(prefix, propagation),
          "Use a duration of zero or more, such as 24h.");
    }
    if (emergencyPropagation.isNegative()) {
      throw new LatchkeyException(
          "%semergency-propagation is %s, which is negative"
              .formatted(prefix, emergencyPropagation),
          "Use a duration of zero or more, such as 12m.");
    }
    if (period != null && period.compareTo(propagation) < 0) {
      throw new LatchkeyException(
          "%speriod (%s) is shorter than the propagation (%s)"
              .formatted(prefix, period, propagation),
          "No spare would be ready in time: lengthen the period.");
    }
    return new RotationPolicy(
        period, propagation, emergencyPropagation, rejectCompromised, null, null, null);
  }

  /**
   * How long a key stays active by default, or null if its keyset does not rotate automatically: if
   * outputs would change, or carry no key id, so that every older key must be tried.
   */
  public static @Nullable Duration defaultPeriod(KeysetTemplate template) {
    if (template.family().outputsChange() || template.isRawVariant()) {
      return null;
    }
    return Duration.ofDays(template.family() == PrimitiveFamily.HYBRID ? 365 : 90);
  }

  /** This policy with a usage limit. */
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
   * This policy with an end for retired keys.
   *
   * @param prefix what the names of its settings begin with in messages
   * @throws LatchkeyException if a value is invalid, naming its setting
   */
  public RotationPolicy withEnd(
      String prefix, @Nullable Duration decryptFor, @Nullable Duration destroyAfter) {
    if (decryptFor != null && (decryptFor.isNegative() || decryptFor.isZero())) {
      throw new LatchkeyException(
          "%sdecrypt-for is %s, which is not positive".formatted(prefix, decryptFor),
          "Use a positive duration, such as 365d, or remove the property: then no protected"
              + " data is ever lost.");
    }
    if (destroyAfter != null && destroyAfter.compareTo(SHORTEST_WAIT) < 0) {
      throw new LatchkeyException(
          "%sdestroy-after is %s, which is shorter than 7d".formatted(prefix, destroyAfter),
          "Use at least 7d: this is the time to notice that a key is still needed.");
    }
    if (destroyAfter != null && decryptFor == null) {
      throw new LatchkeyException(
          "%sdestroy-after is set, but %sdecrypt-for is not".formatted(prefix, prefix),
          "Set decrypt-for, after which a retired key is scheduled for destruction.");
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

  /** How long a key must be scheduled for destruction before it can be destroyed. */
  public Duration destructionWait() {
    return destroyAfter != null ? destroyAfter : SHORTEST_WAIT;
  }

  /** Whether a key with so many operations must be replaced: half of its usage limit is used. */
  public boolean approachesLimit(long operations) {
    return maxOperations != null && operations >= maxOperations / 2;
  }

  /**
   * The default usage limit of a key; null for no limit.
   *
   * <ul>
   *   <li>2^32 for AES-GCM (NIST SP 800-38D, section 8.3) and for ChaCha20-Poly1305: Tink chooses
   *       their 96-bit nonces at random, and beyond that limit two are equal with a probability of
   *       more than 2^-32. A repeated nonce reveals the authentication key (RFC 8439, section 4).
   *   <li>2^48 for AES-EAX and AES-CTR-HMAC, whose random nonces have 128 bits: the same
   *       probability.
   *   <li>2^48 for AES-CMAC (NIST SP 800-38B, appendix B).
   *   <li>None for AES-GCM-SIV, where a repeated nonce only reveals that two messages are equal
   *       (RFC 8452, section 9), and for XAES-GCM, X-AES-GCM and XChaCha20-Poly1305, whose random
   *       nonces have at least 160 bits, so that the limit is 2^64 or more.
   *   <li>None for streaming and hybrid encryption: each ciphertext has a key of its own.
   *   <li>None for HMAC, HKDF and signatures: only their cryptoperiod ends (NIST SP 800-57 Part 1
   *       Rev. 5, section 5.3).
   *   <li>None for AES-SIV (RFC 5297, section 7, recommends 2^48) and the PRF of AES-CMAC, since a
   *       rotation would change their outputs.
   * </ul>
   */
  public static @Nullable Long defaultMaxOperations(KeysetTemplate template) {
    if (NONCES_OF_96_BITS.matcher(template.name()).matches()) {
      return 1L << 32;
    }
    return NONCES_OR_BLOCKS_OF_128_BITS.matcher(template.name()).matches() ? 1L << 48 : null;
  }

  /**
   * Whether a compromised key is rejected by default: where a forgery would be worse than a
   * rejection. Encrypted data must still be decrypted.
   */
  public static boolean rejectsCompromised(KeysetTemplate template) {
    return switch (template.family()) {
      case MAC, JWT_MAC, SIGNATURE, JWT_SIGNATURE -> true;
      case AEAD, STREAMING_AEAD, HYBRID, DETERMINISTIC_AEAD, PRF -> false;
    };
  }

  /** Whether this is configurable: where encrypted data may become unreadable, as with tokens. */
  public static boolean canRejectCompromised(KeysetTemplate template) {
    return template.family() == PrimitiveFamily.AEAD
        || template.family() == PrimitiveFamily.STREAMING_AEAD;
  }
}
