package dev.latchkey.key;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.latchkey.LatchkeyException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class KeysetTemplateTests {

  @Test
  void findsTheFamilyByTinksName() {
    KeysetTemplate template = KeysetTemplate.of("AES256_GCM");
    assertThat(template.family()).isEqualTo(PrimitiveFamily.AEAD);
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
  void namesAnExampleWhenNothingIsNear(String name) {
    assertThatExceptionOfType(LatchkeyException.class)
        .isThrownBy(() -> KeysetTemplate.of(name))
        .satisfies(ex -> assertThat(ex.action()).contains("AES256_GCM"));
  }
}
