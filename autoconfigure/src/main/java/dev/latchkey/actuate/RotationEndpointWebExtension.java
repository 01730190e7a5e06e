package dev.latchkey.actuate;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.latchkey.LatchkeyException;
import dev.latchkey.StoreUnavailableException;
import dev.latchkey.WriteConflictException;
import dev.latchkey.internal.NearestName;
import dev.latchkey.key.rotation.RotationRefusedException;
import java.security.Principal;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
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
 * Web extension of the {@link RotationEndpoint} that maps refused actions to HTTP status codes.
 *
 * @since 0.1
 */
@EndpointWebExtension(endpoint = RotationEndpoint.class)
public class RotationEndpointWebExtension {

  private static final String POLICIES = "policies";

  private final RotationEndpoint endpoint;
  private final Supplier<Map<String, String>> policies;

  /**
   * @param policies the policies of the application, by the name of their holder
   */
  public RotationEndpointWebExtension(
      RotationEndpoint endpoint, Supplier<Map<String, String>> policies) {
    this.endpoint = endpoint;
    this.policies = policies;
  }

  /**
   * Returns the policy for a holder at {@code policies/<holder>}, with the application's own names,
   * as accepted by {@code vault policy write}. Responds with 404 if the holder is unknown.
   */
  @ReadOperation(produces = "text/plain")
  public @Nullable String policy(@Selector String section, @Selector String holder) {
    return section.equals(POLICIES) ? policies.get().get(holder) : null;
  }

  /**
   * Returns the state of a keyset or secret. Responds with 404 and the nearest name if the name is
   * unknown.
   */
  @ReadOperation
  public WebEndpointResponse<?> named(@Selector String name) {
    Object found = endpoint.named(name);
    return found != null ? new WebEndpointResponse<>(found) : unknown(name);
  }

  private WebEndpointResponse<Refusal> unknown(String name) {
    Set<String> names = endpoint.names();
    return refusal(
        WebEndpointResponse.STATUS_NOT_FOUND,
        "There is no keyset or secret named '%s'".formatted(name),
        NearestName.of(name, names)
            .map("Did you mean '%s'?"::formatted)
            .orElse("There are these: %s.".formatted(String.join(", ", names))),
        null);
  }

  /**
   * Performs an action on a keyset or secret. Responds with 200 and the result; 202 and the
   * commands if an operator must complete the action; 400 for an unknown action; 404 for an unknown
   * name; 409 if the action is not allowed, or not yet; 503 if the store is unavailable; 502 if the
   * store refuses the request.
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
        return unknown(name);
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
   * Response to a refused action.
   *
   * @param error why the action was refused
   * @param fix how to resolve it
   * @param allowedFrom time from which the action is allowed, by the store's clock
   */
  @JsonInclude(JsonInclude.Include.NON_NULL)
  public record Refusal(
      @Nullable String error, @Nullable String fix, @Nullable Instant allowedFrom) {}
}
