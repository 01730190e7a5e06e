package dev.latchkey.autoconfigure.diagnostics;

import dev.latchkey.LatchkeyException;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;

/**
 * Shows a {@link LatchkeyException}: what happened, where, and how to fix it. Precedes the
 * analyzers of Spring Boot, which know only the exceptions that wrap it.
 */
@Order(Ordered.HIGHEST_PRECEDENCE + 1)
final class LatchkeyFailureAnalyzer extends AbstractFailureAnalyzer<LatchkeyException> {

  @Override
  protected @Nullable FailureAnalysis analyze(Throwable rootFailure, LatchkeyException cause) {
    StringBuilder description = new StringBuilder(String.valueOf(cause.getMessage()));
    BindException binding = findCause(rootFailure, BindException.class);
    ConfigurationProperty property = binding != null ? binding.getProperty() : null;
    if (property != null && !description.toString().contains("" + property.getOrigin())) {
      description.append(
          "%n%n    Property: %s%n    Origin: %s"
              .formatted(property.getName(), property.getOrigin()));
    }
    return new FailureAnalysis(description.toString(), cause.action(), cause);
  }
}
