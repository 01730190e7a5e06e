package dev.latchkey.env.internal.text;

import dev.latchkey.LatchkeyException;
import dev.latchkey.env.internal.text.SecretTexts.Resolution;
import java.util.ArrayDeque;
import java.util.BitSet;
import java.util.Deque;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.config.BeanExpressionContext;
import org.springframework.beans.factory.config.BeanExpressionResolver;

/**
 * Prevents the evaluation of secrets as SpEL. Spring evaluates {@code #{…}} in a text after
 * resolving its placeholders, so that a secret could contain or complete an expression. This
 * resolver evaluates only expressions that do not contain characters of a secret.
 */
public final class SecretSafeExpressionResolver implements BeanExpressionResolver {

  private static final String PREFIX = "#{";

  private final BeanExpressionResolver delegate;
  private final SecretTexts secrets;

  public SecretSafeExpressionResolver(BeanExpressionResolver delegate, SecretTexts secrets) {
    this.delegate = delegate;
    this.secrets = secrets;
  }

  @Override
  public @Nullable Object evaluate(@Nullable String text, BeanExpressionContext context) {
    Resolution resolution = secrets.stopResolving();
    if (text == null || !text.contains(PREFIX)) {
      return delegate.evaluate(text, context);
    }
    SecretPositions positions = new SecretPositions(secrets, context.getBeanFactory());
    BitSet inside = positions.in(text, resolution);
    BitSet quoted = positions.ofOpeners(text);
    quoted.or(inside);
    return quoted.isEmpty()
        ? delegate.evaluate(text, context)
        : evaluate(text, context, quoted, inside, resolution.original());
  }

  private @Nullable Object evaluate(
      String text,
      BeanExpressionContext context,
      BitSet quoted,
      BitSet inside,
      @Nullable String original) {
    StringBuilder result = new StringBuilder();
    int position = 0;
    for (int start = text.indexOf(PREFIX); start >= 0; start = text.indexOf(PREFIX, position)) {
      int body = start + PREFIX.length();
      if (quoted.get(start) || quoted.get(start + 1)) {
        result.append(text, position, body);
        position = body;
        continue;
      }
      int end = end(text, body);
      int firstSecret = inside.nextSetBit(body);
      if (firstSecret >= 0 && firstSecret < end) {
        throw refused(original);
      }
      String expression = text.substring(start, end);
      if (expression.length() == text.length()) {
        return delegate.evaluate(expression, context);
      }
      result.append(text, position, start).append(evaluateToText(expression, context));
      position = end;
    }
    return result.append(text, position, text.length()).toString();
  }

  /** Evaluates with a prefix, so that Spring converts the value to text. */
  private String evaluateToText(String expression, BeanExpressionContext context) {
    return String.valueOf(delegate.evaluate(" " + expression, context)).substring(1);
  }

  private static LatchkeyException refused(@Nullable String original) {
    return new LatchkeyException(
        original != null
            ? "A placeholder in the SpEL expression of '%s' resolves to a secret"
                .formatted(original)
            : "A placeholder in a SpEL expression resolves to a secret",
        "Secrets are never parsed, so they cannot be part of an expression. Use the value instead:"
            + " #{environment['the.property']}, or @Value(\"${the.property}\") without #{}.");
  }

  /**
   * Returns the end of an expression by the rules of Spring's template parser: brackets are paired,
   * and those in quotes do not count. An expression without an end extends to the end of the text.
   */
  private static int end(String text, int body) {
    Deque<Character> open = new ArrayDeque<>();
    for (int i = body; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '{', '[', '(' -> open.push(c);
        case '}', ']', ')' -> {
          if (open.isEmpty()) {
            return c == '}' ? i + 1 : text.length();
          }
          open.pop();
        }
        case '\'', '"' -> {
          int literalEnd = text.indexOf(c, i + 1);
          if (literalEnd < 0) {
            return text.length();
          }
          i = literalEnd;
        }
        default -> {}
      }
    }
    return text.length();
  }
}
