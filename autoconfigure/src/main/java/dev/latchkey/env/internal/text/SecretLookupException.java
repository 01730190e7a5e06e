package dev.latchkey.env.internal.text;

import dev.latchkey.LatchkeyException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.origin.Origin;

/**
 * Thrown if references in properties cannot be resolved.
 *
 * @since 0.1
 */
public final class SecretLookupException extends LatchkeyException {

  private final transient List<Failure> failures;

  public SecretLookupException(List<Failure> failures) {
    super(
        failures.size() == 1
            ? failures.get(0).toString()
            : "%s (and %d more)".formatted(failures.get(0), failures.size() - 1),
        failures.get(0).cause().action(),
        failures.get(0).cause());
    this.failures = List.copyOf(failures);
  }

  public SecretLookupException(
      String reference,
      @Nullable String property,
      @Nullable Origin origin,
      LatchkeyException cause) {
    this(List.of(new Failure(reference, property, origin, cause)));
  }

  /** Returns the references that cannot be resolved. */
  public List<Failure> failures() {
    return failures;
  }

  /**
   * A reference that cannot be resolved.
   *
   * @param reference the text of the reference
   * @param property the property that contains the reference, or null if it is used elsewhere
   * @param origin the origin of the property, such as file and line, or null if unknown
   * @param cause the cause
   */
  public record Failure(
      String reference,
      @Nullable String property,
      @Nullable Origin origin,
      LatchkeyException cause) {

    @Override
    public String toString() {
      StringBuilder text = new StringBuilder(reference);
      if (property != null) {
        text.append(" in property '").append(property).append("'");
      }
      if (origin != null) {
        text.append(" (").append(origin).append(")");
      }
      return text.append(" cannot be resolved: ").append(cause.getMessage()).toString();
    }
  }
}
