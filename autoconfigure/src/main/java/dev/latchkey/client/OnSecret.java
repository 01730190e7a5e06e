package dev.latchkey.client;

import dev.latchkey.LatchkeyException;
import java.util.stream.Stream;
import org.springframework.context.annotation.Condition;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.core.annotation.MergedAnnotation;
import org.springframework.core.type.AnnotatedTypeMetadata;
import org.springframework.util.ClassUtils;

/** The condition of {@link ConditionalOnSecret}. */
final class OnSecret implements Condition {

  @Override
  public boolean matches(ConditionContext context, AnnotatedTypeMetadata metadata) {
    MergedAnnotation<ConditionalOnSecret> annotation =
        metadata.getAnnotations().get(ConditionalOnSecret.class);
    String property = annotation.getString("value");
    if (!ClientSecret.isNamed(property, context.getEnvironment())) {
      return false;
    }
    Stream.of(annotation.getStringArray("library"))
        .filter(type -> !ClassUtils.isPresent(type, context.getClassLoader()))
        .findFirst()
        .ifPresent(
            type -> {
              throw new LatchkeyException(
                  "%s=%s: no client uses it, since the class %s is missing"
                      .formatted(
                          property,
                          context.getEnvironment().getProperty(property),
                          ClassUtils.getShortName(type)),
                  "Add %s, or remove %s.".formatted(annotation.getString("starter"), property));
            });
    return true;
  }
}
