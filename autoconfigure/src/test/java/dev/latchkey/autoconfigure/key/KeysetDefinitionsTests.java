package dev.latchkey.autoconfigure.key;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.google.crypto.tink.PublicKeyVerify;
import dev.latchkey.LatchkeyException;
import dev.latchkey.autoconfigure.internal.RefreshProperties;
import dev.latchkey.key.KeysetAccess;
import dev.latchkey.key.KeysetId;
import dev.latchkey.key.KeysetTemplate;
import dev.latchkey.key.rotation.RotationPolicy;
import dev.latchkey.key.rotation.internal.KeysetDefinition;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

class KeysetDefinitionsTests {

  private static final Map<String, String> ORDERS =
      Map.of("latchkey.keysets.orders.template", "AES256_GCM");

  @Test
  void waitsADayOnlyWhenTheStoreIsShared() {
    assertThat(only(ORDERS, "shop", true).policy().propagation()).isEqualTo(Duration.ofHours(24));
    assertThat(only(ORDERS, "shop", false).policy().propagation()).isZero();
  }

  @Test
  void hasAMaximumStalenessOnlyWhenTheStoreIsShared() {
    assertThat(only(ORDERS, "shop", true).maxStaleness()).isEqualTo(Duration.ofHours(12));
    assertThat(only(ORDERS, "shop", false).maxStaleness()).isNull();
  }

  @Test
  void requiresAnOwnerOnlyWhenTheStoreIsShared() {
    assertThat(only(ORDERS, null, false).id().owner()).isEqualTo("application");
    assertThatExceptionOfType(LatchkeyException.class)
        .isThrownBy(() -> only(ORDERS, null, true))
        .withMessageStartingWith("spring.application.name is not set");
  }

  @Test
  void createsAKeysetExceptWhenCreateIsNever() {
    assertThat(only(ORDERS, "shop", true).createIfAbsent()).isTrue();
    assertThat(only(with("latchkey.keysets.orders.create", "never"), "shop", true).createIfAbsent())
        .isFalse();
  }

  @Test
  void keepsACompromisedEncryptionKeyExceptWhenConfigured() {
    assertThat(only(ORDERS, "shop", true).policy().rejectCompromised()).isFalse();
    assertThat(
            only(with("latchkey.keysets.orders.when-compromised", "reject"), "shop", true)
                .policy()
                .rejectCompromised())
        .isTrue();
  }

  @Test
  void failsWhenRejectionCannotBeChosen() {
    Map<String, String> mac =
        Map.of(
            "latchkey.keysets.orders.template", "HMAC_SHA256_128BITTAG",
            "latchkey.keysets.orders.when-compromised", "keep");
    assertThatExceptionOfType(LatchkeyException.class)
        .isThrownBy(() -> only(mac, "shop", true))
        .withMessage(
            "latchkey.keysets.orders.when-compromised is keep, but compromised keys of"
                + " HMAC_SHA256_128BITTAG are always rejected");
    Map<String, String> deterministic =
        Map.of(
            "latchkey.keysets.orders.template", "AES256_SIV",
            "latchkey.keysets.orders.when-compromised", "reject");
    assertThatExceptionOfType(LatchkeyException.class)
        .isThrownBy(() -> only(deterministic, "shop", true))
        .withMessageEndingWith("are always kept");
  }

  @ParameterizedTest
  @CsvSource({
    "AES256_GCM,            P90D,  4294967296",
    "AES256_GCM_RAW,            ,  4294967296",
    "XCHACHA20_POLY1305,    P90D,            ",
    "AES256_GCM_HKDF_1MB,   P90D,            ",
    "AES256_SIV,                ,            ",
    "HMAC_SHA256_PRF,           ,            ",
    "HMAC_SHA256_256BITTAG, P90D,            ",
    "ED25519,               P90D,            ",
    "JWT_HS256,             P90D,            ",
    "JWT_ES256,             P90D,            ",
    "ECIES_P256_HKDF_HMAC_SHA256_AES128_GCM, P365D, "
  })
  void usesTheDefaultsOfTheTemplateWhenNothingIsSet(
      String template, @Nullable Duration period, @Nullable Long maxOperations) {
    Map<String, String> properties = new HashMap<>();
    properties.put("latchkey.keysets.orders.template", template);
    RotationPolicy byDefault = only(properties, "shop", true).policy();
    properties.put("latchkey.keysets.orders.rotation.period", "30d");
    properties.put("latchkey.keysets.orders.rotation.max-operations", "1000");
    properties.put("latchkey.keysets.orders.rotation.decrypt-for", "60d");
    properties.put("latchkey.keysets.orders.rotation.destroy-after", "7d");
    RotationPolicy told = only(properties, "shop", true).policy();

    assertThat(byDefault.period()).isEqualTo(period);
    assertThat(byDefault.maxOperations()).isEqualTo(maxOperations);
    assertThat(byDefault.decryptFor()).isNull();
    assertThat(byDefault.destroyAfter()).isNull();
    assertThat(byDefault.rejectCompromised())
        .isEqualTo(RotationPolicy.rejectsCompromised(KeysetTemplate.of(template)));
    assertThat(told.period()).isEqualTo(Duration.ofDays(30));
    assertThat(told.maxOperations()).isEqualTo(1000);
    assertThat(told.decryptFor()).isEqualTo(Duration.ofDays(60));
    assertThat(told.destroyAfter()).isEqualTo(Duration.ofDays(7));
  }

  @Test
  void failsWhenTheUsageLimitIsTooLow() {
    assertRefused(
        with("latchkey.keysets.orders.rotation.max-operations", "1"),
        "Invalid latchkey.keysets.orders.rotation.max-operations '1': expected 2 or more");
  }

  @Test
  void waitsForTwoRefreshesAndTheDrainWhenAKeyIsCompromised() {
    assertThat(only(ORDERS, "shop", true).policy().emergencyPropagation())
        .isEqualTo(Duration.ofMinutes(12));
    assertThat(only(ORDERS, "shop", false).policy().emergencyPropagation()).isZero();
  }

  @Test
  void failsWhenThePropagationDoesNotReachEveryInstance() {
    Map<String, String> tooShort = with("latchkey.keysets.orders.rotation.propagation", "1h");
    assertThat(only(tooShort, "shop", false).policy().propagation()).isEqualTo(Duration.ofHours(1));
    assertThatExceptionOfType(LatchkeyException.class)
        .isThrownBy(() -> only(tooShort, "shop", true))
        .withMessageContaining("must be at least PT12H20M");
  }

  @Test
  void waitsLongerWhenADayDoesNotReachEveryBackup() {
    assertThat(
            only(with("latchkey.rotation.backup-interval", "24h"), "shop", true)
                .policy()
                .propagation())
        .isEqualTo(Duration.ofHours(24).plusMinutes(10));
  }

  @Test
  void failsWhenThePropagationDoesNotReachEveryBackup() {
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

  @Test
  void definesAForeignKeysetWhenAnotherApplicationOwnsIt() {
    KeysetDefinition invoices =
        only(
            Map.of(
                "latchkey.keysets.invoices.template", "ED25519",
                "latchkey.keysets.invoices.owner", "billing",
                "latchkey.keysets.invoices.access", "public"),
            "shop",
            true);

    assertThat(invoices.id()).isEqualTo(new KeysetId("billing", "invoices"));
    assertThat(invoices.access()).isEqualTo(KeysetAccess.PUBLIC);
    assertThat(invoices.createIfAbsent()).isFalse();
    assertThat(invoices.policy().period()).isNull();
    assertThat(invoices.maxStaleness()).isEqualTo(Duration.ofHours(12));
    assertThat(invoices.reach().least()).isEqualTo(Duration.ofHours(12).plusMinutes(20));
    assertThat(invoices.access().interfaces(invoices.template().family()))
        .containsExactly(PublicKeyVerify.class);
  }

  @Test
  void failsWhenAForeignKeysetHasSettingsOfItsOwner() {
    assertRefused(
        Map.of(
            "latchkey.keysets.orders.template", "AES256_GCM",
            "latchkey.keysets.orders.owner", "billing"),
        "latchkey.keysets.orders.owner is 'billing', but this application is 'shop': only the"
            + " owner writes a keyset");
    assertRefused(
        Map.of(
            "latchkey.keysets.orders.template", "AES256_GCM",
            "latchkey.keysets.orders.owner", "billing",
            "latchkey.keysets.orders.access", "read",
            "latchkey.keysets.orders.rotation.period", "30d"),
        "latchkey.keysets.orders.rotation is set, but latchkey.keysets.orders.access is 'read'");
    assertRefused(
        Map.of(
            "latchkey.keysets.orders.template", "AES256_GCM",
            "latchkey.keysets.orders.access", "read",
            "latchkey.keysets.orders.when-compromised", "reject"),
        "latchkey.keysets.orders.when-compromised is set, but latchkey.keysets.orders.access is"
            + " 'read'");
    assertRefused(
        Map.of(
            "latchkey.keysets.orders.template", "AES256_GCM",
            "latchkey.keysets.orders.access", "read",
            "latchkey.keysets.orders.import-from", "file:keyset.json"),
        "latchkey.keysets.orders.import-from is set, but latchkey.keysets.orders.access is 'read'");
    assertThat(only(with("latchkey.keysets.orders.owner", "shop"), "shop", true).access())
        .isEqualTo(KeysetAccess.OWN);
  }

  @Test
  void failsWhenTheOwnerCannotBePartOfAPath() {
    for (String owner : new String[] {"../billing", "billing/x", "b.c", "", "a b"}) {
      assertRefused(
          Map.of(
              "latchkey.keysets.orders.template", "AES256_GCM",
              "latchkey.keysets.orders.owner", owner,
              "latchkey.keysets.orders.access", "read"),
          "latchkey.keysets.orders.owner: '%s' is not a valid owner of keysets".formatted(owner));
    }
  }

  @Test
  void failsWhenSymmetricKeysAreAccessedPublicly() {
    assertRefused(
        with("latchkey.keysets.orders.access", "public"),
        "latchkey.keysets.orders.access is 'public', but keys of template AES256_GCM are symmetric"
            + " and have no public half");
  }

  @Test
  void waitsLongerWhenClientsCacheAJwkSet() {
    Map<String, String> tokens =
        Map.of(
            "latchkey.keysets.tokens.template", "JWT_ES256",
            "latchkey.keysets.tokens.jwks.max-age", "14h");
    Duration sum = Duration.ofHours(26).plusMinutes(20);

    assertThat(only(tokens, "shop", true).policy().propagation()).isEqualTo(sum);
    assertThat(only(tokens, "shop", false).policy().propagation()).isEqualTo(Duration.ofHours(14));

    Map<String, String> tooShort = new HashMap<>(tokens);
    tooShort.put("latchkey.keysets.tokens.rotation.propagation", "26h");
    assertRefused(
        tooShort,
        "Keyset tokens: rotation.propagation is PT26H, but must be at least PT26H20M ="
            + " max(max-staleness PT12H + drain PT10M + jwks.max-age PT14H, backup-interval PT0S)"
            + " + clock-skew PT10M");
    assertThatExceptionOfType(LatchkeyException.class)
        .isThrownBy(
            () ->
                only(
                    Map.of(
                        "latchkey.keysets.tokens.template", "JWT_ES256",
                        "latchkey.keysets.tokens.jwks.max-age", "10m",
                        "latchkey.keysets.tokens.rotation.propagation", "9m"),
                    "shop",
                    false))
        .withMessageContaining("must be at least PT10M");
  }

  @Test
  void failsWhenAJwkSetCannotBeServed() {
    assertRefused(
        with("latchkey.keysets.orders.jwks.path", "/jwks"),
        "latchkey.keysets.orders.jwks is set, but a JWK set can't contain keys of AES256_GCM");
    for (String path : new String[] {"jwks", "/", "/a/../b", "/..", "/a?b", "/{x}", ""}) {
      assertRefused(
          Map.of(
              "latchkey.keysets.tokens.template",
              "JWT_ES256",
              "latchkey.keysets.tokens.jwks.path",
              path),
          "Invalid latchkey.keysets.tokens.jwks.path '%s'".formatted(path));
    }
    assertRefused(
        Map.of(
            "latchkey.keysets.tokens.template", "JWT_ES256",
            "latchkey.keysets.tokens.jwks.max-age", "-1s"),
        "Invalid latchkey.keysets.tokens.jwks.max-age 'PT-1S': expected zero or more");
    assertRefused(
        Map.of(
            "latchkey.keysets.tokens.template", "JWT_ES256",
            "latchkey.keysets.tokens.jwks.path", "/jwks",
            "latchkey.keysets.grants.template", "JWT_RS256_2048_F4",
            "latchkey.keysets.grants.jwks.path", "/jwks"),
        "latchkey.keysets.grants.jwks.path and latchkey.keysets.tokens.jwks.path are both '/jwks'");
  }

  private static void assertRefused(Map<String, String> properties, String message) {
    assertThatExceptionOfType(LatchkeyException.class)
        .isThrownBy(() -> only(properties, "shop", true))
        .withMessage(message);
  }

  private static Map<String, String> with(String property, String value) {
    return Map.of("latchkey.keysets.orders.template", "AES256_GCM", property, value);
  }

  private static KeysetDefinition only(
      Map<String, String> properties, @Nullable String applicationName, boolean shared) {
    Binder binder = new Binder(new MapConfigurationPropertySource(new TreeMap<>(properties)));
    return new KeysetDefinitions(
            binder.bindOrCreate("latchkey", KeysetProperties.class),
            binder.bindOrCreate("latchkey.refresh", RefreshProperties.class).interval(),
            applicationName,
            shared)
        .all()
        .get(0);
  }
}
