package dev.latchkey.env.internal;

import dev.latchkey.env.internal.text.Placeholders;
import dev.latchkey.env.internal.text.Placeholders.Placeholder;
import dev.latchkey.secret.SecretReference;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Knows where a fallback follows a reference. Spring does not tell: of <code>
 * ${vault@a/b#c:fallback}</code> it asks for the whole text and then, at once and on the same
 * thread, for the part before the colon; where the fallback holds a placeholder itself, it asks for
 * the part before the colon only.
 */
final class Fallbacks {

  private final ThreadLocal<@Nullable String> announced = new ThreadLocal<>();
  private final Set<String> nestedInTexts = ConcurrentHashMap.newKeySet();

  /** Spring asked for a whole text, and will now ask for this part of it. */
  void announce(String reference) {
    announced.set(reference);
  }

  boolean wasAnnounced(String reference) {
    boolean same = reference.equals(announced.get());
    announced.remove();
    return same;
  }

  /** Notes the fallbacks in a text that stands in no property. */
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

  /** Whether a fallback that holds a placeholder follows the reference everywhere it is used. */
  boolean isNestedIn(List<ReferenceUse> uses, String reference) {
    List<ReferenceUse> same =
        uses.stream().filter(use -> use.reference().equals(reference)).toList();
    return same.isEmpty()
        ? nestedInTexts.contains(reference)
        : same.stream().allMatch(ReferenceUse::hasFallback);
  }
}
