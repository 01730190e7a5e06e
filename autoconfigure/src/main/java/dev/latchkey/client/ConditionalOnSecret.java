package dev.latchkey.client;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.springframework.context.annotation.Conditional;

/**
 * Matches if a property names a secret for a client. With an empty property, or {@code false}, it
 * does not, for example in a development profile.
 *
 * <p>If the property names a secret but the client's library is missing, startup fails: nothing
 * would use the secret, and another client, such as Jedis, would log in without it.
 *
 * @since 0.1
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Conditional(OnSecret.class)
public @interface ConditionalOnSecret {

  /** The property, such as {@code latchkey.redis.secret}. */
  String value();

  /** Classes of the library, and of Spring Boot's module for it. */
  String[] library() default {};

  /** What to add if one of them is missing. */
  String starter() default "";
}
