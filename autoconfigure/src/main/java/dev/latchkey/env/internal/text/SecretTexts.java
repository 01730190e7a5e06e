package dev.latchkey.env.internal.text;

import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Remembers resolved secrets, to recognize their text later: those in the text that the current
 * thread is resolving, those that could start a SpEL expression, and all of them.
 */
public final class SecretTexts {

  /** Minimum length of an expression. Shorter secrets would match many texts by coincidence. */
  private static final int SHORTEST_EXPRESSION = "{1}".length();

  private static final Pattern MORE_THAN_A_WORD = Pattern.compile("(?s)^(?=.*\\W).{3,}$");

  /** Minimum length of a secret to be masked: a username such as {@code app} occurs elsewhere. */
  private static final int SHORTEST_DISTINCT = 8;

  private static final int SHORTEST_DISTINCT_WITHIN = 12;

  private static final String CONDITION =
      "org.springframework.boot.autoconfigure.condition.OnExpressionCondition";

  private final Set<String> all = ConcurrentHashMap.newKeySet();
  private final Set<String> openers = ConcurrentHashMap.newKeySet();
  private final ThreadLocal<Resolution> current =
      ThreadLocal.withInitial(() -> new Resolution(null));

  /**
   * The resolution of one text.
   *
   * @param original the text before its placeholders were resolved, or null if unknown
   * @param secrets the secrets in the resolved text
   */
  record Resolution(@Nullable String original, Set<String> secrets) {

    private Resolution(@Nullable String original) {
      this(original, new HashSet<>());
    }
  }

  public void givenOut(String secret) {
    boolean evaluated = current.get().original != null || isForCondition();
    remember(secret, evaluated);
    remember(secret.trim(), evaluated);
  }

  private void remember(String secret, boolean evaluated) {
    if (secret.isEmpty()) {
      return;
    }
    all.add(secret);
    if (evaluated) {
      current.get().secrets.add(secret);
    }
    if (secret.length() >= SHORTEST_EXPRESSION
        && (secret.contains("#{") || secret.startsWith("{") || secret.endsWith("#"))) {
      openers.add(secret);
    }
  }

  /**
   * Whether the text being resolved will be evaluated. Spring Boot's condition resolves it through
   * the environment, which does not announce that; everything else that reads properties does not
   * evaluate them, and what it reads must not count as part of a later condition.
   */
  private static boolean isForCondition() {
    return StackWalker.getInstance()
        .walk(frames -> frames.anyMatch(frame -> frame.getClassName().equals(CONDITION)));
  }

  /** Called before the current thread resolves a text. */
  public void startResolving(String original) {
    current.set(new Resolution(original));
  }

  /** Returns and clears the current thread's resolution. */
  Resolution stopResolving() {
    Resolution resolution = current.get();
    current.remove();
    return resolution;
  }

  /** Returns secrets that contain <code>#{</code>, or could complete it. */
  Stream<String> openers() {
    return openers.stream();
  }

  /** Returns secrets that are more than a word, so that matches are not a coincidence. */
  Stream<String> moreThanWords() {
    return all.stream().filter(secret -> MORE_THAN_A_WORD.matcher(secret).find());
  }

  /** Returns whether a text is or contains a secret, however short. */
  boolean mayBeIn(String text) {
    return all.stream().anyMatch(text::contains);
  }

  /**
   * Returns whether a text is or contains a secret, except for short secrets that could match by
   * coincidence.
   */
  public boolean areIn(String text) {
    return all.stream()
        .anyMatch(
            secret ->
                secret.length() >= SHORTEST_DISTINCT
                    && (text.equals(secret)
                        || secret.length() >= SHORTEST_DISTINCT_WITHIN && text.contains(secret)));
  }
}
