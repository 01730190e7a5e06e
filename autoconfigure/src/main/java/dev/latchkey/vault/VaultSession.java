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

  /**
   * Logs in again in place of a token that the server refuses.
   *
   * @return whether there is another token now
   */
  boolean replace(VaultToken refused) {
    synchronized (this) {
      if (getSessionToken().equals(refused)) {
        setToken(Optional.empty());
      }
    }
    return !getSessionToken().equals(refused);
  }
}
