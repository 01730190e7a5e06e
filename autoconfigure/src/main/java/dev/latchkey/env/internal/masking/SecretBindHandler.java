package dev.latchkey.env.internal.masking;

import dev.latchkey.LatchkeyException;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.bind.AbstractBindHandler;
import org.springframework.boot.context.properties.bind.BindContext;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.bind.BindHandler;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.DataObjectPropertyName;
import org.springframework.boot.context.properties.bind.validation.BindValidationException;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.validation.FieldError;
import org.springframework.validation.ObjectError;

/**
 * Reports a secret that does not fit its property without its text, which the errors of conversion
 * and validation include.
 *
 * @since 0.1
 */
public final class SecretBindHandler extends AbstractBindHandler {

  private final SecretProperties secrets;

  public SecretBindHandler(BindHandler parent, SecretProperties secrets) {
    super(parent);
    this.secrets = secrets;
  }

  @Override
  public @Nullable Object onFailure(
      ConfigurationPropertyName name, Bindable<?> target, BindContext context, Exception error)
      throws Exception {
    if (error instanceof BindValidationException validation) {
      refuseInvalidSecrets(validation);
    } else if (context.getConfigurationProperty() != null
        && !(error instanceof BindException)
        && !(error instanceof LatchkeyException)
        && secrets.contain(name)) {
      throw new LatchkeyException(
          "Failed to bind '%s': its secret cannot be converted to %s"
              .formatted(name, target.getType()),
          "Correct the secret, or refer to another one.");
    }
    return super.onFailure(name, target, context, error);
  }

  private void refuseInvalidSecrets(BindValidationException validation) {
    List<FieldError> invalid =
        validation.getValidationErrors().getAllErrors().stream()
            .filter(FieldError.class::isInstance)
            .map(FieldError.class::cast)
            .filter(error -> secrets.contain(name(error)))
            .toList();
    if (!invalid.isEmpty()) {
      throw new LatchkeyException(
          invalid.stream()
              .map(
                  error ->
                      "Failed to bind '%s': its secret violates @%s"
                          .formatted(name(error), code(error)))
              .collect(Collectors.joining("; ")),
          "Correct the secret, or refer to another one.");
    }
  }

  private static ConfigurationPropertyName name(FieldError error) {
    return ConfigurationPropertyName.adapt(
        error.getObjectName() + "." + DataObjectPropertyName.toDashedForm(error.getField()), '.');
  }

  private static @Nullable String code(ObjectError error) {
    return error.getCode();
  }
}
