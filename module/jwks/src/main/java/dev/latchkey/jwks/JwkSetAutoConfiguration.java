package dev.latchkey.jwks;

import dev.latchkey.autoconfigure.key.KeysetAutoConfiguration;
import dev.latchkey.key.live.internal.KeysetRegistry;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionMessage;
import org.springframework.boot.autoconfigure.condition.ConditionOutcome;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.SpringBootCondition;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.context.annotation.ConditionContext;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.Import;
import org.springframework.core.type.AnnotatedTypeMetadata;

/**
 * Auto-configuration of JWK sets: serves the public keys of keysets for JWT signatures if {@code
 * latchkey.keysets.<name>.jwks.path} is set, on the port of the application. The application's
 * security decides who can read them.
 *
 * @since 0.1
 */
@AutoConfiguration(after = KeysetAutoConfiguration.class)
@ConditionalOnBean(KeysetRegistry.class)
@Conditional(JwkSetAutoConfiguration.OnPath.class)
@Import({ServletJwkSetConfiguration.class, ReactiveJwkSetConfiguration.class})
public final class JwkSetAutoConfiguration {

  /** Whether a JWK set is served. */
  static final class OnPath extends SpringBootCondition {

    private static final Bindable<Map<String, Keyset>> KEYSETS =
        Bindable.mapOf(String.class, Keyset.class);

    record Keyset(@DefaultValue Jwks jwks) {}

    record Jwks(@Nullable String path) {}

    @Override
    public ConditionOutcome getMatchOutcome(
        ConditionContext context, AnnotatedTypeMetadata metadata) {
      boolean any =
          Binder.get(context.getEnvironment())
              .bind("latchkey.keysets", KEYSETS)
              .orElse(Map.of())
              .values()
              .stream()
              .anyMatch(keyset -> keyset.jwks().path() != null);
      return new ConditionOutcome(
          any,
          ConditionMessage.forCondition("latchkey.keysets.*.jwks.path")
              .because(any ? "one is set" : "none is set"));
    }
  }
}
