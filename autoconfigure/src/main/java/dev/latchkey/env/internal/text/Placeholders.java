package dev.latchkey.env.internal.text;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.springframework.core.env.AbstractPropertyResolver;

/** Parses {@code ${…}} in a text exactly as Spring does. */
public final class Placeholders {

  private static final String PREFIX = "${";
  private static final char ESCAPE = '\\';

  private Placeholders() {}

  /**
   * A placeholder in a text.
   *
   * @param name the text before the first colon, which may contain placeholders
   * @param fallback the text after the first colon, or null if there is no colon
   */
  public record Placeholder(String name, @Nullable String fallback) {

    /** Returns the text between the braces. */
    public String text() {
      return fallback == null ? name : name + ":" + fallback;
    }
  }

  /** Returns the outermost placeholders of a text, in order. */
  public static List<Placeholder> in(String text) {
    if (!text.contains(PREFIX)) {
      return List.of();
    }
    List<String> pieces = split(text);
    return IntStream.range(0, pieces.size() / 2)
        .mapToObj(i -> pieces.get(2 * i + 1))
        .map(piece -> placeholder(piece.substring(PREFIX.length(), piece.length() - 1)))
        .toList();
  }

  /** Splits a text into pieces that alternate between literal text and outermost placeholders. */
  static List<String> split(String text) {
    List<String> pieces = new ArrayList<>();
    int[] ends = ends(text);
    int literal = 0;
    int start = text.indexOf(PREFIX);
    while (start >= 0) {
      int next = start + PREFIX.length();
      if (ends[start] >= 0 && !isEscaped(text, start)) {
        pieces.add(text.substring(literal, start));
        literal = ends[start] + 1;
        pieces.add(text.substring(start, literal));
        next = literal;
      }
      start = text.indexOf(PREFIX, next);
    }
    pieces.add(text.substring(literal));
    return pieces;
  }

  /**
   * Quotes a text so that Spring resolves it to itself. Spring removes a backslash only before a
   * {@code ${} that has a matching end, so only those are escaped.
   */
  public static String quote(String text) {
    if (!text.contains(PREFIX)) {
      return text;
    }
    int[] ends = ends(text);
    StringBuilder quoted = new StringBuilder(text.length() + 16);
    for (int i = 0; i < text.length(); i++) {
      if (ends[i] >= 0) {
        quoted.append(ESCAPE);
      }
      quoted.append(text.charAt(i));
    }
    return quoted.toString();
  }

  /** Returns whether Spring uses the backslash as escape character, which is configurable. */
  public static boolean canBeQuoted() {
    return Objects.equals(AbstractPropertyResolver.getDefaultEscapeCharacter(), ESCAPE);
  }

  /** Returns the index of the colon between name and fallback, or -1 if there is no fallback. */
  public static int separator(String placeholder) {
    int[] ends = placeholder.contains(PREFIX) ? ends(placeholder) : new int[0];
    for (int i = 0; i < placeholder.length(); i++) {
      if (i < ends.length && ends[i] >= 0 && !isEscaped(placeholder, i)) {
        i = ends[i];
      } else if (placeholder.charAt(i) == ':' && !isEscaped(placeholder, i)) {
        return i;
      }
    }
    return -1;
  }

  private static Placeholder placeholder(String content) {
    int separator = separator(content);
    return separator < 0
        ? new Placeholder(content, null)
        : new Placeholder(content.substring(0, separator), content.substring(separator + 1));
  }

  private static boolean isEscaped(String text, int index) {
    return index > 0 && text.charAt(index - 1) == ESCAPE;
  }

  /**
   * Returns, for the index of each {@code ${}, the index of its closing brace, and -1 elsewhere.
   * Like Spring, this counts nested braces, but in a single pass over the text.
   */
  private static int[] ends(String text) {
    int[] ends = new int[text.length()];
    Arrays.fill(ends, -1);
    Deque<Integer> open = new ArrayDeque<>();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '{') {
        open.push(i);
      } else if (c == '}' && !open.isEmpty()) {
        int brace = open.pop();
        if (brace > 0 && text.charAt(brace - 1) == '$') {
          ends[brace - 1] = i;
        }
      }
    }
    return ends;
  }
}
