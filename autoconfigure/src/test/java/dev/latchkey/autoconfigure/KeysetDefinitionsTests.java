package dev.latchkey.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.latchkey.LatchkeyException;
import dev.latchkey.rotation.KeysetDefinition;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

class KeysetDefinitionsTests {

  private static final Map<String, String> ORDERS =
      Map.of("latchkey.keysets.orders.template", "AES256_GCM");

  @Test
  void waitsADayOnASharedStoreAndNotAtAllOnAnEmbeddedOne() {
    assertThat(only(ORDERS, "shop", true).policy().propagation()).isEqualTo(Duration.ofHours(24));
    assertThat(only(ORDERS, "shop", false).policy().propagation()).isZero();
  }

  @Test
  void growsStaleOnASharedStoreOnly() {
    assertThat(only(ORDERS, "shop", true).maxStaleness()).isEqualTo(Duration.ofHours(12));
    assertThat(only(ORDERS, "shop", false).maxStaleness()).isNull();
  }

  @Test
  void requiresAnOwnerOnASharedStoreOnly() {
    assertThat(only(ORDERS, null, false).id().owner()).isEqualTo("application");
    assertThatExceptionOfType(LatchkeyException.class)
        .isThrownBy(() -> only(ORDERS, null, true))
        .withMessageStartingWith("spring.application.name is not set");
  }

  @Test
  void createsUnlessToldOtherwise() {
    assertThat(only(ORDERS, "shop", true).createIfAbsent()).isTrue();
    assertThat(only(with("latchkey.keysets.orders.create", "never"), "shop", true).createIfAbsent())
        .isFalse();
  }

  @Test
  void keepsACompromisedEncryptionKeyUnlessToldOtherwise() {
    assertThat(only(ORDERS, "shop", true).policy().rejectCompromised()).isFalse();
    assertThat(
            only(with("latchkey.keysets.orders.when-compromised", "reject"), "shop", true)
                .policy()
                .rejectCompromised())
        .isTrue();
  }

  @Test
  void leavesNoChoiceWhereAForgeryOrALostIndexWouldFollow() {
    Map<String, String> mac =
        Map.of(
            "latchkey.keysets.orders.template", "HMAC_SHA256_128BITTAG",
            "latchkey.keysets.orders.when-compromised", "keep");
    assertThatExceptionOfType(LatchkeyException.class)
        .isThrownBy(() -> only(mac, "shop", true))
        .withMessage(
            "latchkey.keysets.orders.when-compromised is keep, but a compromised key of"
                + " HMAC_SHA256_128BITTAG is always rejected");
    Map<String, String> deterministic =
        Map.of(
            "latchkey.keysets.orders.template", "AES256_SIV",
            "latchkey.keysets.orders.when-compromised", "reject");
    assertThatExceptionOfType(LatchkeyException.class)
        .isThrownBy(() -> only(deterministic, "shop", true))
        .withMessageEndingWith("is always kept");
  }

  @Test
  void waitsInAnEmergencyForTwoRefreshesAndTheDrain() {
    assertThat(only(ORDERS, "shop", true).policy().emergencyPropagation())
        .isEqualTo(Duration.ofMinutes(12));
    assertThat(only(ORDERS, "shop", false).policy().emergencyPropagation()).isZero();
  }

  @Test
  void refusesAPropagationThatDoesNotReachEveryInstance() {
    Map<String, String> tooShort = with("latchkey.keysets.orders.rotation.propagation", "1h");
    assertThat(only(tooShort, "shop", false).policy().propagation()).isEqualTo(Duration.ofHours(1));
    assertThatExceptionOfType(LatchkeyException.class)
        .isThrownBy(() -> only(tooShort, "shop", true))
        .withMessageContaining("must be at least PT12H20M");
  }

  @Test
  void waitsLongerThanADayWhereThatWouldNotReachEveryBackup() {
    assertThat(
            only(with("latchkey.rotation.backup-interval", "24h"), "shop", true)
                .policy()
                .propagation())
        .isEqualTo(Duration.ofHours(24).plusMinutes(10));
  }

  @Test
  void refusesAPropagationThatDoesNotReachEveryBackup() {
    assertThatExceptionOfType(LatchkeyException.class)
        .isThrownBy(
            () ->
                only(
                    Map.of(
                        "latchkey.keysets.orders.template", "AES256_GCM",
                        "latchkey.keysets.orders.rotation.propagation", "7d",
                        "latchkey.rotation.backup-interval", "7d"),
                    "shop",
                    true))
        .withMessageContaining("must be at least PT168H10M");
  }

  private static Map<String, String> with(String property, String value) {
    return Map.of("latchkey.keysets.orders.template", "AES256_GCM", property, value);
  }

  private static KeysetDefinition only(
      Map<String, String> properties, @Nullable String applicationName, boolean shared) {
    LatchkeyProperties bound =
        new Binder(new MapConfigurationPropertySource(properties))
            .bindOrCreate("latchkey", LatchkeyProperties.class);
    return new KeysetDefinitions(bound, applicationName, shared).all().get(0);
  }
}
