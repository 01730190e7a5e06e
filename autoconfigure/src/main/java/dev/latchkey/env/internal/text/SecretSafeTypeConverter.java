package dev.latchkey.env.internal.text;

import dev.latchkey.LatchkeyException;
import java.lang.reflect.Field;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.SimpleTypeConverter;
import org.springframework.beans.TypeConverter;
import org.springframework.beans.TypeMismatchException;
import org.springframework.beans.factory.config.ConfigurableBeanFactory;
import org.springframework.core.MethodParameter;
import org.springframework.core.convert.TypeDescriptor;

/**
 * Converts the texts of {@code @Value} annotations as Spring does, but does not show a secret that
 * cannot be converted: Spring's message, and each of its causes, contains the text.
 */
public final class SecretSafeTypeConverter implements TypeConverter {

  private final ConfigurableBeanFactory beans;
  private final SecretTexts secrets;

  public SecretSafeTypeConverter(ConfigurableBeanFactory beans, SecretTexts secrets) {
    this.beans = beans;
    this.secrets = secrets;
  }

  @Override
  public <T> @Nullable T convertIfNecessary(@Nullable Object value, @Nullable Class<T> type) {
    try {
      return delegate().convertIfNecessary(value, type);
    } catch (TypeMismatchException ex) {
      throw withoutSecret(ex, value, type, null);
    }
  }

  @Override
  public <T> @Nullable T convertIfNecessary(
      @Nullable Object value, @Nullable Class<T> type, @Nullable MethodParameter parameter) {
    try {
      return delegate().convertIfNecessary(value, type, parameter);
    } catch (TypeMismatchException ex) {
      throw withoutSecret(ex, value, type, parameter);
    }
  }

  @Override
  public <T> @Nullable T convertIfNecessary(
      @Nullable Object value, @Nullable Class<T> type, @Nullable Field field) {
    try {
      return delegate().convertIfNecessary(value, type, field);
    } catch (TypeMismatchException ex) {
      throw withoutSecret(ex, value, type, field);
    }
  }

  @Override
  public <T> @Nullable T convertIfNecessary(
      @Nullable Object value, @Nullable Class<T> type, @Nullable TypeDescriptor descriptor) {
    try {
      return delegate().convertIfNecessary(value, type, descriptor);
    } catch (TypeMismatchException ex) {
      throw withoutSecret(ex, value, type, descriptor == null ? null : descriptor.getSource());
    }
  }

  /** A new one for each conversion, as in Spring's bean factory: property editors have state. */
  private TypeConverter delegate() {
    SimpleTypeConverter converter = new SimpleTypeConverter();
    converter.setConversionService(beans.getConversionService());
    beans.copyRegisteredEditorsTo(converter);
    return converter;
  }

  private RuntimeException withoutSecret(
      TypeMismatchException failure,
      @Nullable Object value,
      @Nullable Class<?> type,
      @Nullable Object target) {
    if (!(value instanceof String text) || !secrets.mayBeIn(text)) {
      return failure;
    }
    return new LatchkeyException(
        "A secret cannot be converted to %s%s"
            .formatted(
                type == null ? "the required type" : type.getName(),
                target == null ? "" : " for " + target),
        "Correct the value of the secret, or use a type that can hold it.");
  }
}
