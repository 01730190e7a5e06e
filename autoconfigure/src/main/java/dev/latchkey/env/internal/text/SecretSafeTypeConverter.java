package dev.latchkey.env.internal.text;

import dev.latchkey.LatchkeyException;
import java.lang.reflect.Field;
import java.util.function.Function;
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
    return convert(value, type, null, delegate -> delegate.convertIfNecessary(value, type));
  }

  @Override
  public <T> @Nullable T convertIfNecessary(
      @Nullable Object value, @Nullable Class<T> type, @Nullable MethodParameter parameter) {
    return convert(
        value, type, parameter, delegate -> delegate.convertIfNecessary(value, type, parameter));
  }

  @Override
  public <T> @Nullable T convertIfNecessary(
      @Nullable Object value, @Nullable Class<T> type, @Nullable Field field) {
    return convert(value, type, field, delegate -> delegate.convertIfNecessary(value, type, field));
  }

  @Override
  public <T> @Nullable T convertIfNecessary(
      @Nullable Object value, @Nullable Class<T> type, @Nullable TypeDescriptor descriptor) {
    return convert(
        value,
        type,
        descriptor == null ? null : descriptor.getSource(),
        delegate -> delegate.convertIfNecessary(value, type, descriptor));
  }

  private <T> @Nullable T convert(
      @Nullable Object value,
      @Nullable Class<T> type,
      @Nullable Object target,
      Function<TypeConverter, @Nullable T> conversion) {
    try {
      return conversion.apply(delegate());
    } catch (TypeMismatchException ex) {
      throw withoutSecret(ex, value, type, target);
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
