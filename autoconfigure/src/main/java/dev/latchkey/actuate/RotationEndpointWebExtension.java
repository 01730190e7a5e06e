package dev.latchkey.actuate;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.latchkey.LatchkeyException;
import dev.latchkey.StoreUnavailableException;
import dev.latchkey.WriteConflictException;
import dev.latchkey.key.rotation.RotationRefusedException;
import java.security.Principal;
import java.time.Instant;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.InvalidEndpointRequestException;
import org.springframework.boot.actuate.endpoint.SecurityContext;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;
import org.springframework.boot.actuate.endpoint.web.annotation.EndpointWebExtension;

/**
 * Gives the refusals of the {@link RotationEndpoint} their status codes and texts on the web.
 *
 * @since 0.1
 */
@EndpointWebExtension(endpoint = RotationEndpoint.class)
public class RotationEndpointWebExtension {

  private static final String POLICIES = "policies";

  private final RotationEndpoint endpoint;
  private final Supplier<Map<String, String>> policies;

  /**
   * @param policies the policies that belong to the application, by the name of who holds them
   */
  public RotationEndpointWebExtension(
      RotationEndpoint endpoint, Supplier<Map<String, String>> policies) {
    this.endpoint = endpoint;
    this.policies = policies;
  }

  /**
   * The policy of one who holds one, for the application's own names, at {@code policies/<holder>}:
   * ready to be given to {@code vault policy write}. Not found where there is none.
   */
  @ReadOperation(produces = "text/plain")
  public @Nullable String policy(@Selector String section, @Selector String holder) {
    return section.equals(POLICIES) ? policies.get().get(holder) : null;
  }

  /**
   * Performs an action on a keyset or secret: 200 with what came of it, 202 where an operator has
   * to do a part of it, with the commands, 400 for an unknown action, 404 for an unknown name, 409
   * for a step that is not allowed (yet), 503 while the store is unreachable, 502 where it refuses.
   */
  @WriteOperation
  public WebEndpointResponse<?> perform(
      @Selector String name,
      String action,
      @Nullable String key,
      @Nullable Boolean force,
      SecurityContext security) {
    try {
      Object performed = endpoint.perform(name, action, key, force, user(security));
      if (performed == null) {
        return new WebEndpointResponse<>(WebEndpointResponse.STATUS_NOT_FOUND);
      }
      boolean open =
          performed instanceof RotationDescriptor.Performed onKeyset && onKeyset.isOpen(key);
      return new WebEndpointResponse<>(performed, open ? 202 : 200);
    } catch (InvalidEndpointRequestException ex) {
      return refusal(400, ex.getReason(), null, null);
    } catch (RotationRefusedException ex) {
      return refusal(409, ex.getMessage(), ex.action(), ex.allowedFrom());
    } catch (WriteConflictException ex) {
      return refusal(409, ex.getMessage(), ex.action(), null);
    } catch (StoreUnavailableException ex) {
      return refusal(503, ex.getMessage(), ex.action(), null);
    } catch (LatchkeyException ex) {
      return refusal(502, ex.getMessage(), ex.action(), null);
    }
  }

  private static String user(SecurityContext security) {
    Principal user = security.getPrincipal();
    return user == null ? "anonymous" : user.getName();
  }

  private static WebEndpointResponse<Refusal> refusal(
      int status, @Nullable String error, @Nullable String fix, @Nullable Instant allowedFrom) {
    return new WebEndpointResponse<>(new Refusal(error, fix, allowedFrom), status);
  }

  /**
   * Why nothing was done.
   *
   * @param error what stands against it
   * @param fix what to do about it
   * @param allowedFrom from when on it is allowed, by the store's clock
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Refusal(
      @Nullable String error, @Nullable String fix, @Nullable Instant allowedFrom) {}
}
