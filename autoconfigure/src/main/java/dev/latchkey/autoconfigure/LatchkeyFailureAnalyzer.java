package dev.latchkey.autoconfigure;

import dev.latchkey.LatchkeyException;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;

/**
 * Shows any {@link LatchkeyException} as what it is meant to be: what happened, where, and how to
 * fix it. It comes before Boot's own analyzers, which know only what wraps the exception.
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
