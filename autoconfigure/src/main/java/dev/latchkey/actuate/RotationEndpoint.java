package dev.latchkey.actuate;

import dev.latchkey.rotation.KeyAction;
import dev.latchkey.rotation.RotationService;
import dev.latchkey.rotation.Rotator;
import dev.latchkey.secret.rotating.internal.RotatingSecrets;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.Access;
import org.springframework.boot.actuate.endpoint.InvalidEndpointRequestException;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;

/**
 * The {@code rotation} endpoint: how every keyset and secret stands, and its rotation on demand.
 * Only reading is open by default. Over JMX a refusal is an exception.
 *
 * @since 0.1
 */
@Endpoint(id = "rotation", defaultAccess = Access.READ_ONLY)
public class RotationEndpoint {

  private static final String ACTIONS =
      Arrays.stream(KeyAction.values())
          .map(action -> '"' + action.text() + '"')
          .collect(Collectors.joining(", "));

  private final RotationService rotation;

  private final RotatingSecrets secrets;

  public RotationEndpoint(RotationService rotation, RotatingSecrets secrets) {
    this.rotation = rotation;
    this.secrets = secrets;
  }

  /** How all keysets and secrets stand. */
  @ReadOperation
  public RotationDescriptor rotation() {
    return RotationDescriptor.of(rotation, secrets.status());
  }

  /**
   * How one keyset or secret stands: a {@link RotationDescriptor.Keyset} or a {@link
   * SecretDescriptor}, or null if there is none of that name.
   */
  @ReadOperation
  public @Nullable Object named(@Selector String name) {
    return rotation
        .keyset(name)
        .<Object>map(RotationDescriptor.Keyset::of)
        .or(() -> secrets.status(name).map(SecretDescriptor::of))
        .orElse(null);
  }

  /**
   * Performs an action on a keyset; or reads a secret again, by {@code rotate}, and takes another
   * lease if it comes with one.
   *
   * @param action the name of a {@link KeyAction}
   * @param key the id of a key, for actions that need one
   * @param force also where it is not allowed yet, as far as no data can be lost
   * @return a {@link RotationDescriptor.Performed} or a {@link SecretDescriptor.Performed}; null if
   *     there is neither keyset nor secret of that name
   * @throws InvalidEndpointRequestException if there is no such action, or it takes no key
   * @throws dev.latchkey.rotation.RotationRefusedException if it is not allowed, or not yet
   * @throws dev.latchkey.StoreUnavailableException if the store gives no answer
   */
  @WriteOperation
  public @Nullable Object perform(
      @Selector String name, String action, @Nullable String key, @Nullable Boolean force) {
    return perform(name, action, key, force, "an operator over JMX");
  }

  /**
   * @param by who asks
   */
  @Nullable Object perform(
      String name, String action, @Nullable String key, @Nullable Boolean force, String by) {
    Rotator rotator = rotation.find(name).orElse(null);
    if (rotator == null) {
      return secrets.contains(name) ? performOnSecret(name, action, key) : null;
    }
    KeyAction known =
        KeyAction.find(action)
            .orElseThrow(() -> invalid("There is no such action: use " + ACTIONS + "."));
    String risk =
        rotator.perform(known, keyId(known, key), Boolean.TRUE.equals(force), by).orElse(null);
    return new RotationDescriptor.Performed(
        known.text(), RotationDescriptor.Keyset.of(rotator.status()), risk);
  }

  private SecretDescriptor.@Nullable Performed performOnSecret(
      String name, String action, @Nullable String key) {
    if (!action.equals(KeyAction.ROTATE.text())) {
      throw invalid("'%s' is a secret, which has no keys: use \"rotate\".".formatted(name));
    }
    if (key != null) {
      throw invalid("\"rotate\" takes no \"key\".");
    }
    secrets.rotate(name);
    return secrets
        .status(name)
        .map(status -> new SecretDescriptor.Performed(action, SecretDescriptor.of(status)))
        .orElse(null);
  }

  private static @Nullable Long keyId(KeyAction action, @Nullable String key) {
    if (key == null) {
      if (action.needsKey()) {
        throw invalid("\"%s\" needs a \"key\": the id of a key.".formatted(action.text()));
      }
      return null;
    }
    if (!action.takesKey()) {
      throw invalid("\"%s\" takes no \"key\".".formatted(action.text()));
    }
    try {
      return Long.valueOf(key);
    } catch (NumberFormatException ex) {
      throw invalid("\"key\" is no id of a key: ids are numbers, as the endpoint shows them.");
    }
  }

  private static InvalidEndpointRequestException invalid(String reason) {
    return new InvalidEndpointRequestException(reason, reason);
  }
}
