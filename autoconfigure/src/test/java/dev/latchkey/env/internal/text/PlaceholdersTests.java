package dev.latchkey.env.internal.text;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.env.internal.RandomTexts;
import dev.latchkey.env.internal.text.Placeholders.Placeholder;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.util.PropertyPlaceholderHelper;

class PlaceholdersTests {

  private final PropertyPlaceholderHelper spring =
      new PropertyPlaceholderHelper("${", "}", ":", '\\', false);

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "plain",
        "${x}",
        "\\${x}",
        "\\\\${x}",
        "${",
        "${x",
        "x}",
        "$${x}",
        "${a${b}c}",
        "${a${b}",
        "${{}",
        "${}",
        "a:b}c",
        "\\",
        "${x}\\",
        "\\${",
        "${a:${b}}",
        "}${x}{"
      })
  void quotesTextSoThatSpringResolvesItToItself(String text) {
    assertThat(resolve(text)).isEqualTo(text);
  }

  @Test
  void quotesRandomTextSoThatSpringResolvesItToItself() {
    Random random = new Random(20260101);
    for (int i = 0; i < 200_000; i++) {
      String text = RandomTexts.next(random);
      assertThat(resolve(text)).isEqualTo(text);
    }
  }

  @Test
  void quotesLongTextInOnePass() {
    String text = "${".repeat(1 << 20);

    assertThat(Placeholders.quote(text)).isEqualTo(text);
  }

  @ParameterizedTest
  @CsvSource({
    "${a}, a,",
    "${a:b}, a, b",
    "${a:b:c}, a, b:c",
    "${a:}, a, ''",
    "${a\\:b}, a\\:b,",
    "${a:${b}}, a, ${b}",
    "${a${b:c}d}, a${b:c}d,",
    "${a${b:c}d:e}, a${b:c}d, e",
    "x\\${no}${a}, a,"
  })
  void separatesNameFromFallback(String text, String name, String fallback) {
    assertThat(Placeholders.in(text)).containsExactly(new Placeholder(name, fallback));
  }

  @Test
  void findsNoPlaceholderWhenSpringFindsNone() {
    assertThat(Placeholders.in("$ ${ \\${a} ${{}")).isEmpty();
  }

  private String resolve(String text) {
    return spring.replacePlaceholders(
        "${p}", name -> name.equals("p") ? Placeholders.quote(text) : null);
  }
}
