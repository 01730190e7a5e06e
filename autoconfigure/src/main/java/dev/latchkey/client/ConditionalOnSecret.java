package dev.latchkey.client;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.springframework.context.annotation.Conditional;

/**
 * Matches where a property names a secret. Nothing, and {@code false}, name none: such as in a
 * profile for development, which wants another user.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Conditional(OnSecret.class)
public @interface ConditionalOnSecret {

  /** The property. */
  String value();
}
