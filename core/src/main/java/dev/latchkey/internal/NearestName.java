package dev.latchkey.internal;

import java.util.Collection;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;

/**
 * Finds the name that a mistyped one most resembles.
 *
 * @since 0.1
 */
public final class NearestName {

  private NearestName() {}

  /**
   * The candidate that differs by the fewest single characters, ignoring case.
   *
   * @return empty if every candidate differs in more than a third of its characters
   */
  public static Optional<String> of(String typo, Collection<String> candidates) {
    record Candidate(String name, int distance) {}
    return candidates.stream()
        .map(name -> new Candidate(name, distance(fold(typo), fold(name))))
        .filter(candidate -> candidate.distance * 3 <= candidate.name.length())
        .min(Comparator.comparingInt(Candidate::distance))
        .map(Candidate::name);
  }

  private static String fold(String name) {
    return name.toUpperCase(Locale.ROOT).replace('-', '_');
  }

  /** The Levenshtein distance: insertions, deletions and substitutions. */
  private static int distance(String a, String b) {
    int[] previous = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      previous[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int[] row = new int[b.length() + 1];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int substitution = previous[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        row[j] = Math.min(substitution, Math.min(previous[j], row[j - 1]) + 1);
      }
      previous = row;
    }
    return previous[b.length()];
  }
}
