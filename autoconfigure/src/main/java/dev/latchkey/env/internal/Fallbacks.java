package dev.latchkey.env.internal;

import dev.latchkey.env.internal.text.Placeholders;
import dev.latchkey.env.internal.text.Placeholders.Placeholder;
import dev.latchkey.secret.SecretReference;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Detects whether a reference has a fallback, which Spring does not pass on: for <code>
 * ${vault@a/b#c:fallback}</code> it requests the whole text and then, on the same thread, the part
 * before the colon. If the fallback contains a placeholder, it requests the part before the colon
 * only.
 */
final class Fallbacks {

  private final ThreadLocal<@Nullable String> announced = new ThreadLocal<>();
  private final Set<String> nestedInTexts = ConcurrentHashMap.newKeySet();

  /** Notes that Spring requested a whole text, and requests this part of it next. */
  void announce(String reference) {
    announced.set(reference);
  }

  boolean wasAnnounced(String reference) {
    boolean same = reference.equals(announced.get());
    announced.remove();
    return same;
  }

  /** Notes the fallbacks in a text that is not in a property. */
  void noteIn(String text) {
    if (!text.contains(SecretReference.PREFIX)) {
      return;
    }
    for (Placeholder placeholder : Placeholders.in(text)) {
      if (placeholder.fallback() != null && placeholder.fallback().contains("${")) {
        nestedInTexts.add(placeholder.name());
      }
    }
  }

  /** Returns whether every use of the reference has a fallback that contains a placeholder. */
  boolean isNestedIn(List<ReferenceUse> uses, String reference) {
    List<ReferenceUse> same =
        uses.stream().filter(use -> use.reference().equals(reference)).toList();
    return same.isEmpty()
        ? nestedInTexts.contains(reference)
        : same.stream().allMatch(ReferenceUse::hasFallback);
  }
}
