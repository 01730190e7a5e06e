package dev.latchkey.env.internal.text;

import dev.latchkey.env.internal.text.SecretTexts.Resolution;
import java.util.BitSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.config.ConfigurableBeanFactory;

/** Finds out which characters of a resolved text come from a secret. */
final class SecretPositions {

  private final SecretTexts secrets;
  private final ConfigurableBeanFactory beanFactory;

  SecretPositions(SecretTexts secrets, ConfigurableBeanFactory beanFactory) {
    this.secrets = secrets;
    this.beanFactory = beanFactory;
  }

  /**
   * Which characters come from a secret, exactly where the text is known as its author wrote it:
   * only its placeholders can have brought one along. Of another text, such as one in a bean
   * definition, any part counts that looks like a secret, unless it is so plain that it may stand
   * there by chance.
   */
  BitSet in(String text, Resolution resolution) {
    BitSet exact = resolution.original() != null ? exact(text, resolution.original()) : null;
    return exact != null
        ? exact
        : occurrences(text, Stream.concat(resolution.secrets().stream(), secrets.moreThanWords()));
  }

  /** Which characters belong to a secret that could open an expression. */
  BitSet ofOpeners(String text) {
    return occurrences(text, secrets.openers());
  }

  /** Null if it is not this text that the original resolves to. */
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
