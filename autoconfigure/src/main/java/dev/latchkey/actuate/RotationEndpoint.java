package dev.latchkey.actuate;

import dev.latchkey.rotation.RotationService;
import dev.latchkey.rotation.Rotator;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.Access;
import org.springframework.boot.actuate.endpoint.InvalidEndpointRequestException;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;

/**
 * The {@code rotation} endpoint: how every keyset stands, and its rotation on demand. Only reading
 * is open by default. Over JMX a refusal is an exception.
 *
 * @since 0.1
 */
@Endpoint(id = "rotation", defaultAccess = Access.READ_ONLY)
public class RotationEndpoint {

  private final RotationService rotation;

  private final Supplier<String> storeType;

  /**
   * @param storeType names what keeps the keysets; asked only if there are any
   */
  public RotationEndpoint(RotationService rotation, Supplier<String> storeType) {
    this.rotation = rotation;
    this.storeType = storeType;
  }

  /** How all keysets stand. */
  @ReadOperation
  public RotationDescriptor rotation() {
    return RotationDescriptor.of(storeType, rotation.status());
  }

  /** How one keyset stands, or null if there is none of that name. */
  @ReadOperation
  public RotationDescriptor.@Nullable Keyset keyset(@Selector String name) {
    return rotation
        .find(name)
        .map(rotator -> RotationDescriptor.Keyset.of(rotator.status()))
        .orElse(null);
  }

  /**
   * Performs an action on a keyset.
   *
   * @param action {@code rotate}
   * @param key the id of a key, for actions that need one
   * @param force also where it is not allowed yet, as far as no data can be lost
   * @return null if there is no keyset of that name
   * @throws InvalidEndpointRequestException if there is no such action, or it takes no key
   * @throws dev.latchkey.rotation.RotationRefusedException if it is not allowed, or not yet
   * @throws dev.latchkey.StoreUnavailableException if the store gives no answer
   */
  @WriteOperation
  public RotationDescriptor.@Nullable Performed perform(
      @Selector String name, String action, @Nullable String key, @Nullable Boolean force) {
    Rotator rotator = rotation.find(name).orElse(null);
    if (rotator == null) {
      return null;
    }
    if (!action.equals("rotate")) {
      throw invalid("There is no such action: use \"rotate\".");
    }
    if (key != null) {
      throw invalid("\"rotate\" takes no \"key\": it promotes the spare.");
    }
    String risk = rotator.rotate(Boolean.TRUE.equals(force)).orElse(null);
    return new RotationDescriptor.Performed(
        action, RotationDescriptor.Keyset.of(rotator.status()), risk);
  }

  private static InvalidEndpointRequestException invalid(String reason) {
    return new InvalidEndpointRequestException(reason, reason);
  }
}
