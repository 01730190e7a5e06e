package dev.latchkey.env.internal.text;

import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Remembers secrets that were given out, so that their text can be told from other text later:
 * those that went into the text that the current thread is resolving, those that could open a SpEL
 * expression, and all of them.
 */
public final class SecretTexts {

  /** What is shorter holds no expression, and would be found in many texts by chance. */
  private static final int SHORTEST_EXPRESSION = "{1}".length();

  private static final Pattern MORE_THAN_A_WORD = Pattern.compile("(?s)^(?=.*\\W).{3,}$");

  /** A user name such as {@code app} is also the name of much else. */
  private static final int SHORTEST_DISTINCT = 8;

  private static final int SHORTEST_DISTINCT_WITHIN = 12;

  private final Set<String> all = ConcurrentHashMap.newKeySet();
  private final Set<String> openers = ConcurrentHashMap.newKeySet();
  private final ThreadLocal<Resolution> current =
      ThreadLocal.withInitial(() -> new Resolution(null));

  /**
   * The resolving of one text.
   *
   * @param original the text before its placeholders were resolved, or null if it is not known
   * @param secrets those that went into it
   */
  record Resolution(@Nullable String original, Set<String> secrets) {

    private Resolution(@Nullable String original) {
      this(original, new HashSet<>());
    }
  }

  public void givenOut(String secret) {
    remember(secret);
    remember(secret.trim());
  }

  private void remember(String secret) {
    if (secret.isEmpty()) {
      return;
    }
    all.add(secret);
    current.get().secrets.add(secret);
    if (secret.length() >= SHORTEST_EXPRESSION
        && (secret.contains("#{") || secret.startsWith("{") || secret.endsWith("#"))) {
      openers.add(secret);
    }
  }

  /** The current thread is about to resolve a text. */
  public void startResolving(String original) {
    current.set(new Resolution(original));
  }

  /** What the current thread resolved since it started to, or since this was last asked. */
  Resolution stopResolving() {
    Resolution resolution = current.get();
    current.remove();
    return resolution;
  }

  /** Those that hold a <code>#{</code>, or one half of it at their edge. */
  Stream<String> openers() {
    return openers.stream();
  }

  /** Those that no text holds by chance, since they are longer and more than a word. */
  Stream<String> moreThanWords() {
    return all.stream().filter(secret -> MORE_THAN_A_WORD.matcher(secret).find());
  }

  /**
   * Whether a text is a secret or holds one; those are left out that any text may hold by chance.
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
