package dev.latchkey.env;

import dev.latchkey.LatchkeyException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.origin.Origin;

/**
 * References in properties that cannot be answered.
 *
 * @since 0.1
 */
public final class SecretLookupException extends LatchkeyException {

  private final transient List<Failure> failures;

  public SecretLookupException(List<Failure> failures) {
    super(
        failures.size() == 1
            ? failures.get(0).toString()
            : "%s; and %d more".formatted(failures.get(0), failures.size() - 1),
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

  /** What failed, and where it is referred to. */
  public List<Failure> failures() {
    return failures;
  }

  /**
   * One reference that cannot be answered.
   *
   * @param reference the text of the reference
   * @param property the property that refers to it, or null if none does
   * @param origin where the property stands, such as file and line, or null if that is not known
   * @param cause why
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
      return text.append(" cannot be answered: ").append(cause.getMessage()).toString();
    }
  }
}
