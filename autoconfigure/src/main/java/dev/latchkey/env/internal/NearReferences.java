package dev.latchkey.env.internal;

import dev.latchkey.LatchkeyException;
import dev.latchkey.env.internal.text.SecretLookupException;
import dev.latchkey.secret.SecretReference;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.origin.Origin;

/** Rejects text that is nearly a reference: Spring would use it as the value. */
final class NearReferences {

  private static final String REFERENCE =
      "vault@[\\w.%-]+(?:/[\\w.%-]+)+(?:\\?\\w+=\\w*)?#[\\w.%-]+";

  private static final Pattern BARE =
      Pattern.compile("\\s*(?:\\$|\\{|\\$\\s+\\{)?\\s*(" + REFERENCE + ")\\s*}?\\s*");

  private static final Pattern ESCAPED = Pattern.compile("(\\\\\\$\\{\\s*vault@[^}]*}?)");

  private static final Pattern OPEN = Pattern.compile("(\\$\\{\\s*vault@[^}]*)$");

  private static final Pattern SPACED = Pattern.compile("(\\$\\{\\s+vault@[^}]*})");

  private NearReferences() {}

  /**
   * Rejects a text.
   *
   * @param text the text of a property or an annotation, before placeholders are resolved
   * @param property the property with this text, or null if the text is not a property's
   * @param origin the origin of the property, or null if unknown
   * @throws SecretLookupException with the way to write it
   */
  static void refuse(CharSequence text, @Nullable String property, @Nullable Origin origin) {
    if (text.toString().indexOf(SecretReference.PREFIX) < 0) {
      return;
    }
    Matcher bare = BARE.matcher(text);
    if (bare.matches() && (property == null || !property.startsWith("latchkey."))) {
      throw refused(
          bare.group(1),
          property,
          origin,
          "It is not inside ${}, so that this text would be the value",
          "Write it as ${%s}.".formatted(bare.group(1)));
    }
    refuse(
        ESCAPED,
        text,
        property,
        origin,
        "The backslash before it makes it plain text",
        "Remove the backslash. If the value needs one, as in a Windows domain, end a property of its"
            + " own with it, and write ${app.domain}${vault@secret/orders-db#username}.");
    refuse(
        OPEN,
        text,
        property,
        origin,
        "It has no closing brace",
        "Add the brace. In YAML, '#' after a space begins a comment: quote the value.");
    refuse(SPACED, text, property, origin, "A space precedes 'vault@'", "Remove the space.");
  }

  private static void refuse(
      Pattern pattern,
      CharSequence text,
      @Nullable String property,
      @Nullable Origin origin,
      String reason,
      String action) {
    Matcher matcher = pattern.matcher(text);
    if (matcher.find()) {
      throw refused(matcher.group(1), property, origin, reason, action);
    }
  }

  /** Rejects a reference in a file of a configuration tree, which Spring does not resolve. */
  static void refuseUnresolved(
      CharSequence text, @Nullable String property, @Nullable Origin origin) {
    if (!(text instanceof String) && text.toString().contains("${" + SecretReference.PREFIX)) {
      throw refused(
          text.toString().strip(),
          property,
          origin,
          "Spring does not resolve placeholders in the files of a configuration tree",
          "Write the reference into a property of another file, such as application.properties.");
    }
  }

  private static SecretLookupException refused(
      String text,
      @Nullable String property,
      @Nullable Origin origin,
      String reason,
      String action) {
    return new SecretLookupException(text, property, origin, new LatchkeyException(reason, action));
  }
}
