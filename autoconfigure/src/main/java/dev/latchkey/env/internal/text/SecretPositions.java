package dev.latchkey.env.internal.text;

import dev.latchkey.env.internal.text.SecretTexts.Resolution;
import java.util.BitSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.config.ConfigurableBeanFactory;

/** Determines which characters of a resolved text are from a secret. */
final class SecretPositions {

  private final SecretTexts secrets;
  private final ConfigurableBeanFactory beanFactory;

  SecretPositions(SecretTexts secrets, ConfigurableBeanFactory beanFactory) {
    this.secrets = secrets;
    this.beanFactory = beanFactory;
  }

  /**
   * Returns which characters are from a secret. If the original text is known, the result is exact,
   * since only placeholders can add secrets to it. In other text, for example in a bean definition,
   * every part that equals a secret counts, except for secrets that are so short that the match
   * could be a coincidence.
   */
  BitSet in(String text, Resolution resolution) {
    BitSet exact = resolution.original() != null ? exact(text, resolution.original()) : null;
    return exact != null
        ? exact
        : occurrences(text, Stream.concat(resolution.secrets().stream(), secrets.moreThanWords()));
  }

  /** Returns which characters are from a secret that could start an expression. */
  BitSet ofOpeners(String text) {
    return occurrences(text, secrets.openers());
  }

  /** Returns null if the original does not resolve to this text. */
  private @Nullable BitSet exact(String text, String original) {
    BitSet positions = new BitSet(text.length());
    StringBuilder resolved = new StringBuilder();
    for (String piece : Placeholders.split(original)) {
      String value = String.valueOf(beanFactory.resolveEmbeddedValue(piece));
      occurrences(value, secrets.stopResolving().secrets().stream()).stream()
          .forEach(position -> positions.set(resolved.length() + position));
      resolved.append(value);
    }
    return resolved.toString().equals(text) ? positions : null;
  }

  private static BitSet occurrences(String text, Stream<String> secrets) {
    BitSet positions = new BitSet(text.length());
    secrets.forEach(
        secret -> {
          for (int at = text.indexOf(secret); at >= 0; at = text.indexOf(secret, at + 1)) {
            positions.set(at, at + secret.length());
          }
        });
    return positions;
  }
}
