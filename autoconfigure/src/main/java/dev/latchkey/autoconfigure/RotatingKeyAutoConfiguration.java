package dev.latchkey.autoconfigure;

import dev.latchkey.annotation.internal.KeysetBeanRegistrar;
import dev.latchkey.annotation.internal.RecordComponentGuard;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.context.annotation.Bean;

/**
 * Auto-configuration of {@link dev.latchkey.annotation.RotatingKey @RotatingKey}: one bean per
 * primitive of a keyset, and one per secret.
 *
 * @since 0.1
 */
@AutoConfiguration
@ConditionalOnBooleanProperty(name = "latchkey.enabled", matchIfMissing = true)
public final class RotatingKeyAutoConfiguration {

  @Bean
  static KeysetBeanRegistrar latchkeyKeysetBeanRegistrar() {
    return new KeysetBeanRegistrar();
  }

  @Bean
  static RecordComponentGuard latchkeyRecordComponentGuard() {
    return new RecordComponentGuard();
  }
}
