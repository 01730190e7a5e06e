package dev.latchkey.key.rotation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.latchkey.LatchkeyException;
import dev.latchkey.key.KeysetTemplate;
import dev.latchkey.key.PrimitiveFamily;
import dev.latchkey.key.rotation.internal.PropagationRule;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RotationPolicyTests {

  /** Days, whether a compromised key is rejected, and whether the other can be chosen. */
  @ParameterizedTest
  @CsvSource({
    "AEAD,               90,  false, true",
    "STREAMING_AEAD,     90,  false, true",
    "DETERMINISTIC_AEAD,   ,  false, false",
    "PRF,                  ,  false, false",
    "MAC,                90,  true,  false",
    "JWT_MAC,            90,  true,  false",
    "SIGNATURE,          90,  true,  false",
    "JWT_SIGNATURE,      90,  true,  false",
    "HYBRID,             365, false, false"
  })
  void hasTheDefaultsOfItsPrimitive(
      PrimitiveFamily family, @Nullable Integer days, boolean rejects, boolean choice) {
    Duration period = days != null ? Duration.ofDays(days) : null;
    assertThat(templates(family))
        .isNotEmpty()
        .allSatisfy(
            it -> {
              assertThat(RotationPolicy.defaultPeriod(it))
                  .isEqualTo(it.isRawVariant() ? null : period);
              assertThat(RotationPolicy.rejectsCompromised(it)).isEqualTo(rejects);
              assertThat(RotationPolicy.canRejectCompromised(it)).isEqualTo(choice);
            });
  }

  /** But for those that need a provider which is not there. */
  private static List<KeysetTemplate> templates(PrimitiveFamily family) {
    return family.templates().stream()
        .filter(name -> !name.contains("_GCM_SIV") && !name.contains("_ML_DSA_"))
        .map(KeysetTemplate::of)
        .toList();
  }

  @Test
  void limitsUsesByTheBoundOfEachTemplate() {
    Map<Optional<Long>, List<String>> templates =
        KeysetTemplate.names().stream()
            .collect(
                Collectors.groupingBy(
                    name ->
                        Optional.ofNullable(
                            RotationPolicy.defaultMaxOperations(KeysetTemplate.of(name)))));

    assertThat(templates).containsOnlyKeys(Optional.of(1L << 32), Optional.of(1L << 48), NO_LIMIT);
    assertThat(templates.get(Optional.of(1L << 32)))
        .containsExactlyInAnyOrder(
            "AES128_GCM",
            "AES128_GCM_RAW",
            "AES256_GCM",
            "AES256_GCM_RAW",
            "CHACHA20_POLY1305",
            "CHACHA20_POLY1305_RAW");
    assertThat(templates.get(Optional.of(1L << 48)))
        .containsExactlyInAnyOrder(
            "AES128_EAX",
            "AES128_EAX_RAW",
            "AES256_EAX",
            "AES256_EAX_RAW",
            "AES128_CTR_HMAC_SHA256",
            "AES128_CTR_HMAC_SHA256_RAW",
            "AES256_CTR_HMAC_SHA256",
            "AES256_CTR_HMAC_SHA256_RAW",
            "AES_CMAC",
            "AES256_CMAC",
            "AES256_CMAC_RAW");
    assertThat(templates.get(NO_LIMIT))
        .contains("AES256_GCM_SIV", "XCHACHA20_POLY1305", "XAES_256_GCM_192_BIT_NONCE");
  }

  private static final Optional<Long> NO_LIMIT = Optional.empty();

  @Test
  void refusesDurationsThatCannotWork() {
    assertRefused(Duration.ZERO, Duration.ZERO, "rotation.period is PT0S, which is not positive");
    assertRefused(
        Duration.ofDays(90),
        Duration.ofDays(-1),
        "rotation.propagation is PT-24H, which is negative");
    assertRefused(
        Duration.ofHours(1),
        Duration.ofHours(24),
        "rotation.period (PT1H) is shorter than the propagation (PT24H)");
  }

  private static void assertRefused(Duration period, Duration propagation, String message) {
    assertThatExceptionOfType(LatchkeyException.class)
        .isThrownBy(() -> RotationPolicy.of("rotation.", period, propagation, Duration.ZERO, false))
        .withMessage(message);
  }

  @Test
  void refusesAnEndThatComesTooSoon() {
    RotationPolicy policy =
        RotationPolicy.of("rotation.", null, Duration.ZERO, Duration.ZERO, false);
    assertThatExceptionOfType(LatchkeyException.class)
        .isThrownBy(() -> policy.withEnd("rotation.", Duration.ZERO, null))
        .withMessage("rotation.decrypt-for is PT0S, which is not positive");
    assertThatExceptionOfType(LatchkeyException.class)
        .isThrownBy(() -> policy.withEnd("rotation.", Duration.ofDays(1), Duration.ofDays(6)))
        .withMessage("rotation.destroy-after is PT144H, which is shorter than 7d");
    assertThatExceptionOfType(LatchkeyException.class)
        .isThrownBy(() -> policy.withEnd("rotation.", null, Duration.ofDays(7)))
        .withMessageEndingWith("rotation.decrypt-for is not");
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
