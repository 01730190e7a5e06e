package dev.latchkey.actuate;

import dev.latchkey.key.rotation.KeyAction;
import dev.latchkey.key.rotation.internal.RotationService;
import dev.latchkey.key.rotation.internal.Rotator;
import dev.latchkey.secret.rotating.internal.RotatingSecrets;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.Access;
import org.springframework.boot.actuate.endpoint.InvalidEndpointRequestException;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;

/**
 * Actuator endpoint {@code rotation} that shows keysets and secrets and performs actions on them.
 * Access is read-only by default. Over JMX, a refused action results in an exception.
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

  /** Returns the state of all keysets and secrets. */
  @ReadOperation
  public RotationDescriptor rotation() {
    return RotationDescriptor.of(rotation, secrets.status());
  }

  /**
   * Returns the state of a keyset or secret: a {@link RotationDescriptor.Keyset}, a {@link
   * SecretDescriptor}, or null if the name is unknown.
   */
  @ReadOperation
  public @Nullable Object named(@Selector String name) {
    return rotation
        .keyset(name)
        .<Object>map(RotationDescriptor.Keyset::of)
        .or(() -> secrets.status(name).map(SecretDescriptor::of))
        .orElse(null);
  }

  /** The names of all keysets and secrets. */
  Set<String> names() {
    Set<String> names = new TreeSet<>(rotation.keysets().keySet());
    names.addAll(secrets.status().keySet());
    return names;
  }

  /**
   * Performs an action on a keyset. The action {@code rotate} on a secret reads it again, and
   * requests a new lease if it is leased.
   *
   * @param action the name of a {@link KeyAction}
   * @param key the id of a key, for actions that require one
   * @param force whether to perform an action that is not allowed yet, unless data could be lost
   * @return a {@link RotationDescriptor.Performed} or a {@link SecretDescriptor.Performed}; null if
   *     the name is unknown
   * @throws InvalidEndpointRequestException if the action is unknown or does not accept a key
   * @throws dev.latchkey.key.rotation.RotationRefusedException if the action is not allowed, or not
   *     yet
   * @throws dev.latchkey.StoreUnavailableException if the store is unavailable
   */
  @WriteOperation
  public @Nullable Object perform(
      @Selector String name, String action, @Nullable String key, @Nullable Boolean force) {
    return perform(name, action, key, force, "an operator over JMX");
  }

  /**
   * @param by who requests the action
   */
  @Nullable Object perform(
      String name, String action, @Nullable String key, @Nullable Boolean force, String by) {
    Rotator rotator = rotation.find(name).orElse(null);
    if (rotator == null) {
      return secrets.contains(name) ? performOnSecret(name, action, key) : null;
    }
    KeyAction known =
        KeyAction.find(action)
            .orElseThrow(() -> invalid("Unknown action: expected one of " + ACTIONS + "."));
    String risk =
        rotator.perform(known, keyId(known, key), Boolean.TRUE.equals(force), by).orElse(null);
    return new RotationDescriptor.Performed(
        known.text(), RotationDescriptor.Keyset.of(rotator.status()), risk);
  }

  private SecretDescriptor.@Nullable Performed performOnSecret(
      String name, String action, @Nullable String key) {
    if (!action.equals(KeyAction.ROTATE.text())) {
      throw invalid("'%s' is a secret: the only supported action is \"rotate\".".formatted(name));
    }
    if (key != null) {
      throw invalid("\"rotate\" of a secret does not accept \"key\".");
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
        throw invalid("\"%s\" requires \"key\", the id of a key.".formatted(action.text()));
      }
      return null;
    }
    if (!action.takesKey()) {
      throw invalid("\"%s\" does not accept \"key\".".formatted(action.text()));
    }
    try {
      return Long.valueOf(key);
    } catch (NumberFormatException ex) {
      throw invalid("Invalid \"key\": expected a numeric key id, as shown by this endpoint.");
    }
  }

  private static InvalidEndpointRequestException invalid(String reason) {
    return new InvalidEndpointRequestException(reason, reason);
  }
}
