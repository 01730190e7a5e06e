package dev.latchkey.vault;

import java.util.Optional;
import org.springframework.scheduling.TaskScheduler;
import org.springframework.vault.authentication.ClientAuthentication;
import org.springframework.vault.authentication.LifecycleAwareSessionManager;
import org.springframework.vault.support.VaultToken;
import org.springframework.web.client.RestOperations;

/**
 * The application's one login. What a login gave is renewed until it ends; what was given from
 * outside (a token, a token file) is renewed there, and read again when the server refuses it.
 */
final class VaultSession extends LifecycleAwareSessionManager {

  VaultSession(
      ClientAuthentication authentication, TaskScheduler scheduler, RestOperations operations) {
    super(authentication, scheduler, operations);
    setTokenSelfLookupEnabled(false);
  }

  /** Lets the next request log in again, unless another one did so since this token was refused. */
  synchronized void forget(VaultToken refused) {
    if (getToken().filter(held -> refused.equals(held.getToken())).isPresent()) {
      setToken(Optional.empty());
    }
  }
}
