package dev.latchkey.annotation.internal;

import dev.latchkey.LatchkeyException;
import dev.latchkey.annotation.RotatingKey;
import java.lang.reflect.Field;
import org.springframework.beans.factory.support.MergedBeanDefinitionPostProcessor;
import org.springframework.beans.factory.support.RootBeanDefinition;

/**
 * Rejects {@link RotatingKey} on a record component, where it would also apply to the record's
 * final field: at build time with ahead-of-time processing, otherwise when the bean is created.
 *
 * @since 0.1
 */
public final class RecordComponentGuard implements MergedBeanDefinitionPostProcessor {

  @Override
  public void postProcessMergedBeanDefinition(
      RootBeanDefinition definition, Class<?> type, String beanName) {
    if (!type.isRecord()) {
      return;
    }
    for (Field field : type.getDeclaredFields()) {
      RotatingKey key = field.getAnnotation(RotatingKey.class);
      if (key != null) {
        throw new LatchkeyException(
            "@RotatingKey(\"%s\") is not supported on component '%s' of record %s"
                .formatted(key.value(), field.getName(), type.getName()),
            "Use @Qualifier(\"%s\") on the component instead: it applies to the constructor parameter too."
                .formatted(key.value()));
      }
    }
  }
}
