package dev.latchkey.rotation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.latchkey.LatchkeyException;
import dev.latchkey.keyset.KeysetTemplate;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RotationPolicyTests {

  @ParameterizedTest
  @CsvSource({
    "AES256_GCM, 90",
    "AES128_GCM_HKDF_4KB, 90",
    "HMAC_SHA256_128BITTAG, 90",
    "ECDSA_P256, 90",
    "JWT_HS256, 90",
    "JWT_ES256, 90",
    "DHKEM_X25519_HKDF_SHA256_HKDF_SHA256_AES_256_GCM, 365"
  })
  void rotatesByItselfWhereThatIsSafe(String template, long days) {
    assertThat(RotationPolicy.defaultPeriod(KeysetTemplate.of(template)))
        .isEqualTo(Duration.ofDays(days));
  }

  @ParameterizedTest
  @CsvSource({
    "AES256_SIV",
    "HKDF_SHA256",
    "AES256_GCM_RAW",
    "ED25519_RAW",
    "JWT_HS256_RAW",
    "DHKEM_X25519_HKDF_SHA256_HKDF_SHA256_AES_256_GCM_RAW"
  })
  void doesNotRotateByItselfWhereOutputsChangeOrKeysHaveNoId(String template) {
    assertThat(RotationPolicy.defaultPeriod(KeysetTemplate.of(template))).isNull();
  }

  @Test
  void refusesDurationsThatCannotWork() {
    assertRefused(Duration.ZERO, Duration.ZERO, "latchkey.keysets.orders.rotation.period is PT0S");
    assertRefused(
        Duration.ofDays(90),
        Duration.ofDays(-1),
        "latchkey.keysets.orders.rotation.propagation is PT-24H");
    assertRefused(
        Duration.ofHours(1),
        Duration.ofHours(24),
        "latchkey.keysets.orders.rotation.period (PT1H) is shorter than its propagation (PT24H)");
  }

  private static void assertRefused(Duration period, Duration propagation, String message) {
    assertThatExceptionOfType(LatchkeyException.class)
        .isThrownBy(() -> RotationPolicy.of("orders", period, propagation, Duration.ZERO, false))
        .withMessage(message);
  }

  @Test
  void refusesAnEndThatComesTooSoon() {
    RotationPolicy policy = RotationPolicy.of("orders", null, Duration.ZERO, Duration.ZERO, false);
    assertThatExceptionOfType(LatchkeyException.class)
        .isThrownBy(() -> policy.withEnd("orders", Duration.ZERO, null))
        .withMessage("latchkey.keysets.orders.rotation.decrypt-for is PT0S");
    assertThatExceptionOfType(LatchkeyException.class)
        .isThrownBy(() -> policy.withEnd("orders", Duration.ofDays(1), Duration.ofDays(6)))
        .withMessage("latchkey.keysets.orders.rotation.destroy-after is PT144H");
    assertThatExceptionOfType(LatchkeyException.class)
        .isThrownBy(() -> policy.withEnd("orders", null, Duration.ofDays(7)))
        .withMessageEndingWith("latchkey.keysets.orders.rotation.decrypt-for is not");
  }

  @Test
  void requiresAPropagationThatReachesEveryInstance() {
    PropagationRule rule =
        new PropagationRule(
            Duration.ofHours(12), Duration.ofMinutes(10), Duration.ofMinutes(10), Duration.ZERO);
    Duration least = Duration.ofHours(12).plusMinutes(20);
    assertThatCode(() -> rule.check("orders", least)).doesNotThrowAnyException();
    assertThatExceptionOfType(LatchkeyException.class)
        .isThrownBy(() -> rule.check("orders", least.minusSeconds(1)))
        .withMessage(
            "Keyset orders: rotation.propagation is PT12H19M59S, but must be at least PT12H20M ="
                + " max(max-staleness PT12H + drain PT10M, backup-interval PT0S) + clock-skew"
                + " PT10M");
  }

  @Test
  void requiresAPropagationThatReachesEveryBackup() {
    PropagationRule rule =
        new PropagationRule(
            Duration.ofHours(12), Duration.ZERO, Duration.ofMinutes(10), Duration.ofDays(7));
    assertThat(rule.least()).isEqualTo(Duration.ofDays(7).plusMinutes(10));
  }
}
