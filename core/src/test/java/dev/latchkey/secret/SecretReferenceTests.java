package dev.latchkey.secret;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.latchkey.LatchkeyException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SecretReferenceTests {

  @Test
  void readsPathAndField() {
    assertThat(SecretReference.parse("vault@secret/orders-db#password"))
        .isEqualTo(new SecretReference("secret/orders-db", null, null, "password"));
  }

  @Test
  void readsVersion() {
    assertThat(SecretReference.parse("vault@secret/orders-db?version=3#password"))
        .isEqualTo(new SecretReference("secret/orders-db", 3L, null, "password"));
  }

  @Test
  void readsLengthToGenerate() {
    assertThat(SecretReference.parse("vault@secret/orders-db?generate=32#password"))
        .isEqualTo(new SecretReference("secret/orders-db", null, 32, "password"));
  }

  @Test
  void readsPathWithoutField() {
    assertThat(SecretReference.parsePath("vault@secret/payments"))
        .isEqualTo(new SecretReference("secret/payments", null, null, null));
  }

  @Test
  void decodesTheFieldAndNormalizesThePath() {
    SecretReference reference = SecretReference.parse("vault@my%20team/%c3%bc#api%3akey%20%C3%B6");

    assertThat(reference.path()).isEqualTo("my%20team/%C3%BC");
    assertThat(reference.field()).isEqualTo("api:key ö");
    assertThat(reference).hasToString("vault@my%20team/%C3%BC#api%3Akey%20%C3%B6");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "vault@secret/orders-db#password",
        "vault@team/a/kv/Deep.er/x_1#api-key.v2",
        "vault@s/.hidden#_",
        "vault@secret/my%20app/%C3%BC%40%25#pass%20word",
        "vault@secret/orders-db?version=999999999999999999#p",
        "vault@secret/orders-db?generate=12#p",
        "vault@secret/orders-db?generate=1024#p"
      })
  void printsTheReferenceAsItWasParsed(String text) {
    assertThat(SecretReference.parse(text)).hasToString(text);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "secret/orders-db#password | does not start with 'vault@'",
        "Vault@secret/orders-db#password | does not start with 'vault@'",
        "vault@ | ends unexpectedly at position 7",
        "vault@secret | ends unexpectedly at position 13",
        "vault@secret#x | has an unexpected '#' at position 13",
        "vault@/orders#x | has an unexpected '/' at position 7",
        "vault@secret/#x | has an unexpected '#' at position 14",
        "vault@secret//orders#x | has an unexpected '/' at position 14",
        "vault@secret/orders/#x | has an unexpected '#' at position 21",
        "vault@secret/orders | ends unexpectedly at position 20",
        "vault@secret/orders# | ends unexpectedly at position 21",
        "vault@secret/orders db#x | has an unexpected character U+0020 at position 20",
        "vault@secret/örders#x | has an unexpected character U+00F6 at position 14",
        "vault@secret/orders\uD83D\uDD11#x | has an unexpected character U+1F511 at position 20",
        "vault@secret/orders%2e#x | has an unexpected '%' at position 20",
        "vault@secret/orders%2#x | has an unexpected '%' at position 20",
        "vault@secret/a%2Fb#x | has an unexpected '%' at position 15",
        "vault@secret/%2e%2E#x | has an unexpected '%' at position 14",
        "vault@secret/a%00#x | has an unexpected '%' at position 15",
        "vault@secret/a%ff#x | has an unexpected '%' at position 15",
        "vault@secret/../sys#x | has an unexpected '.' at position 15",
        "vault@secret/a..b#x | has an unexpected '.' at position 16",
        "vault@secret/./a#x | has an unexpected '.' at position 14",
        "vault@secret/orders#a..b | has an unexpected '.' at position 23",
        "vault@secret/orders#. | has an unexpected '.' at position 21",
        "vault@secret/orders#a/b | has an unexpected '/' at position 22",
        "vault@secret/orders#a#b | has an unexpected '#' at position 22",
        "vault@secret/orders#x?version=1 | has an unexpected '?' at position 22",
        "vault@secret/orders?versio=1#x | has an unexpected '?' at position 20",
        "vault@secret/orders?version=#x | has an unexpected '#' at position 29",
        "vault@secret/orders?version=0#x | has an unexpected '0' at position 29",
        "vault@secret/orders?version=03#x | has an unexpected '0' at position 29",
        "vault@secret/orders?version=-1#x | has an unexpected '-' at position 29",
        "vault@secret/orders?version=1&generate=32#x | has an unexpected '&' at position 30",
        "vault@secret/orders?version=1?generate=32#x | has an unexpected '?' at position 30",
        "vault@secret/orders?version=9999999999999999999#x | has an unexpected '9' at position 47",
        "vault@secret/orders?generate=11#x | requests 11 random characters",
        "vault@secret/orders?generate=1025#x | requests 1025 random characters",
        "vault@secret/a\\:b#x | has an unexpected '\\' at position 15",
        "vault@secret/a:b#x | has an unexpected ':' at position 15"
      })
  void namesTheCharacterAndItsPositionWhenAReferenceIsInvalid(String text, String problem) {
    assertThatExceptionOfType(LatchkeyException.class)
        .isThrownBy(() -> SecretReference.parse(text))
        .withMessageStartingWith("Reference '" + text + "' " + problem)
        .satisfies(error -> assertThat(error.action()).isNotBlank());
  }

  @Test
  void refusesAFieldWhenTheReferenceIsToAWholePath() {
    assertThatExceptionOfType(LatchkeyException.class)
        .isThrownBy(() -> SecretReference.parsePath("vault@secret/payments#api-key"))
        .withMessageContaining("has an unexpected '#' at position 22")
        .satisfies(error -> assertThat(error.action()).startsWith("Remove the field"));
  }

  @Test
  void refusesGenerationWhenTheReferenceIsToAWholePath() {
    assertThatExceptionOfType(LatchkeyException.class)
        .isThrownBy(() -> SecretReference.parsePath("vault@secret/payments?generate=32"))
        .withMessageContaining("requests to generate a whole path");
  }
}
