package dev.latchkey.client;

import org.springframework.boot.autoconfigure.condition.ConditionMessage;
import org.springframework.boot.autoconfigure.condition.ConditionOutcome;
import org.springframework.boot.autoconfigure.condition.SpringBootCondition;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.core.env.Environment;
import org.springframework.core.type.AnnotatedTypeMetadata;
import org.springframework.util.StringUtils;

/** The condition of {@link ConditionalOnSecret}. */
final class OnSecret extends SpringBootCondition {

  @Override
  public ConditionOutcome getMatchOutcome(
      ConditionContext context, AnnotatedTypeMetadata metadata) {
    String property = metadata.getAnnotations().get(ConditionalOnSecret.class).getString("value");
    return new ConditionOutcome(
        isNamed(property, context.getEnvironment()),
        ConditionMessage.forCondition(ConditionalOnSecret.class)
            .because("%s=%s".formatted(property, context.getEnvironment().getProperty(property))));
  }

  static boolean isNamed(String property, Environment environment) {
    String name = environment.getProperty(property);
    return StringUtils.hasText(name) && !name.equals("false");
  }
}
