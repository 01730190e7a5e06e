package dev.latchkey.autoconfigure.diagnostics;

import dev.latchkey.env.internal.text.SecretLookupException;
import dev.latchkey.env.internal.text.SecretLookupException.Failure;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.BeanCreationException;
import org.springframework.beans.factory.UnsatisfiedDependencyException;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;

/** Analyzes references that cannot be resolved, each with the property that contains it. */
@Order(Ordered.HIGHEST_PRECEDENCE)
final class SecretLookupFailureAnalyzer extends AbstractFailureAnalyzer<SecretLookupException> {

  private static final int SHOWN = 4;

  @Override
  protected FailureAnalysis analyze(Throwable rootFailure, SecretLookupException cause) {
    List<Failure> failures = cause.failures();
    List<Failure> shown = failures.subList(0, Math.min(SHOWN, failures.size()));
    StringBuilder description =
        new StringBuilder(
            failures.size() == 1
                ? "A reference to a secret cannot be resolved:"
                : "%d references to secrets cannot be resolved:".formatted(failures.size()));
    shown.forEach(failure -> describe(failure, usedIn(rootFailure), description));
    if (shown.size() < failures.size()) {
      description.append("%n%n    and %d more".formatted(failures.size() - shown.size()));
    }
    String action =
        shown.stream()
            .map(failure -> failure.cause().action())
            .distinct()
            .collect(Collectors.joining(System.lineSeparator() + System.lineSeparator()));
    return new FailureAnalysis(description.toString(), action, cause);
  }

  private static void describe(
      Failure failure, @Nullable String usedIn, StringBuilder description) {
    description.append(System.lineSeparator());
    if (failure.property() != null) {
      line("Property", failure.property(), description);
      line("Origin", failure.origin() != null ? failure.origin() : "unknown", description);
    } else if (usedIn != null) {
      line("Used in", usedIn, description);
    }
    line("Reference", failure.reference(), description);
    line("Reason", failure.cause().getMessage(), description);
  }

  private static void line(String name, @Nullable Object value, StringBuilder description) {
    description.append("%n    %s: %s".formatted(name, value));
  }

  /**
   * Returns the innermost bean that could not be created, if no property contains the reference.
   */
  private static @Nullable String usedIn(Throwable failure) {
    String usedIn = null;
    for (Throwable each = failure; each != null; each = each.getCause()) {
      if (each instanceof UnsatisfiedDependencyException unsatisfied
          && unsatisfied.getInjectionPoint() != null) {
        usedIn = unsatisfied.getInjectionPoint().toString();
      } else if (each instanceof BeanCreationException creation && creation.getBeanName() != null) {
        usedIn = "bean '%s'".formatted(creation.getBeanName());
      }
    }
    return usedIn;
  }
}
