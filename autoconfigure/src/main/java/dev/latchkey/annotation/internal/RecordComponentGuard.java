package dev.latchkey.annotation.internal;

import dev.latchkey.annotation.RotatingKey;
import dev.latchkey.LatchkeyException;
import java.lang.reflect.Field;
import org.springframework.beans.factory.support.MergedBeanDefinitionPostProcessor;
import org.springframework.beans.factory.support.RootBeanDefinition;

/**
 * Refuses {@link RotatingKey} on a record component, where it would also mean the record's final
 * field: at build time when the application is processed ahead of time, else when the bean is
 * created.
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
            "@RotatingKey(\"%s\") stands on the component '%s' of the record %s, whose field cannot be injected"
                .formatted(key.value(), field.getName(), type.getName()),
            "Put @Qualifier(\"%s\") on the component instead: the parameter of the record's constructor has it too."
                .formatted(key.value()));
      }
    }
  }
}
