package dev.latchkey.keyset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.google.crypto.tink.aead.PredefinedAeadParameters;
import dev.latchkey.LatchkeyException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class KeysetTemplateTests {

  @Test
  void findsFamilyAndParametersByTinksName() {
    KeysetTemplate template = KeysetTemplate.of("AES256_GCM");
    assertThat(template.family()).isEqualTo(PrimitiveFamily.AEAD);
    assertThat(template.parameters()).isEqualTo(PredefinedAeadParameters.AES256_GCM);
  }

  @ParameterizedTest
  @CsvSource({
    "AES256_GMC,       AES256_GCM",
    "AES_256_GCM,      AES256_GCM",
    "aes256-gcm,       AES256_GCM",
    "ED25591,          ED25519",
    "JWT_RS256_2048F4, JWT_RS256_2048_F4",
  })
  void suggestsTheNearestNameForATypo(String typo, String meant) {
    assertThatExceptionOfType(LatchkeyException.class)
        .isThrownBy(() -> KeysetTemplate.of(typo))
        .withMessage("There is no key template '" + typo + "'")
        .satisfies(ex -> assertThat(ex.action()).isEqualTo("Did you mean '" + meant + "'?"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "blowfish"})
  void namesAnExampleWhereNothingIsNear(String name) {
    assertThatExceptionOfType(LatchkeyException.class)
        .isThrownBy(() -> KeysetTemplate.of(name))
        .satisfies(ex -> assertThat(ex.action()).contains("AES256_GCM"));
  }

  @ParameterizedTest
  @CsvSource({
    "AES256_GCM,               true",
    "AES256_GCM_RAW,           false",
    "AES256_GCM_HKDF_4KB,      false",
    "HMAC_SHA256_PRF,          false",
    "HMAC_SHA256_256BITTAG,    true",
    "ED25519,                  true",
    "ED25519_RAW,              false",
    "JWT_HS256,                true",
    "JWT_HS256_RAW,            false",
  })
  void knowsWhetherOutputCarriesTheKeyId(String name, boolean expected) {
    assertThat(KeysetTemplate.of(name).hasKeyId()).isEqualTo(expected);
  }

  @ParameterizedTest
  @MethodSource("templatesThatNeedAProvider")
  void refusesATemplateThatThisJavaCannotUse(String name) {
    assertThatExceptionOfType(LatchkeyException.class)
        .isThrownBy(() -> KeysetTemplate.of(name).parameters())
        .withMessage("Keys of template '" + name + "' cannot be used in this Java runtime")
        .satisfies(ex -> assertThat(ex.action()).contains("conscrypt"));
  }

  static Stream<String> templatesThatNeedAProvider() {
    return KeysetTemplate.names().stream().filter(TemplateNames::needsProvider);
  }
}
