package dev.latchkey.autoconfigure;

import org.springframework.boot.autoconfigure.condition.ConditionMessage;
import org.springframework.boot.autoconfigure.condition.ConditionOutcome;
import org.springframework.boot.autoconfigure.condition.SpringBootCondition;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.core.type.AnnotatedTypeMetadata;
import org.springframework.util.StringUtils;

/** The condition of {@link ConditionalOnSecret}. */
final class OnSecret extends SpringBootCondition {

  @Override
  public ConditionOutcome getMatchOutcome(
      ConditionContext context, AnnotatedTypeMetadata metadata) {
    String property = metadata.getAnnotations().get(ConditionalOnSecret.class).getString("value");
    String name = context.getEnvironment().getProperty(property);
    return new ConditionOutcome(
        StringUtils.hasText(name) && !name.equals("false"),
        ConditionMessage.forCondition(ConditionalOnSecret.class)
            .because("%s=%s".formatted(property, name)));
  }
}
