package dev.latchkey.vault.internal.client;

import dev.latchkey.LatchkeyException;
import dev.latchkey.StoreUnavailableException;

/**
 * Turns an unexpected response into an error that names the fix.
 *
 * @param server the server that responded
 * @param attempt what was attempted, such as {@code read secret/orders-db}
 * @param policy the policy rule that allows it
 * @param mounting how to mount the secrets engine, in case it is missing
 */
public record VaultErrors(VaultAddress server, String attempt, PolicyLine policy, String mounting) {

  public LatchkeyException of(VaultAnswer answer) {
    int status = answer.status();
    if (answer.isDeniedByAnother()) {
      return unavailable(
          "status 403, but not from Vault",
          "A proxy in front of it denies the request: check the proxy's rules and log.");
    }
    if (status == 403) {
      return denied();
    }
    if (answer.says("no handler for route")) {
      return new LatchkeyException(
          "%s: %s has no secrets engine at %s".formatted(failure(), server, policy.path()),
          mounting);
    }
    if (answer.says("namespace not found")) {
      return new LatchkeyException(
          "%s: the namespace does not exist in %s".formatted(failure(), server),
          "Correct latchkey.vault.namespace. `vault namespace list` lists the namespaces.");
    }
    if (answer.says("is sealed")) {
      return unavailable("sealed", "Unseal it: `vault operator unseal`.");
    }
    if (answer.says("Waiting for the primary") || answer.says("Upgrading from non-versioned")) {
      return unavailable(
          answer.words(), "The secrets engine was just mounted or moved. Try again.");
    }
    if (status == 429) {
      return unavailable(
          "rate limit exceeded", "Raise the quota: `vault list sys/quotas/rate-limit`.");
    }
    if (status == 412 || status >= 500) {
      return unavailable(
          "status %d, %s".formatted(status, answer.words()),
          "Check the logs of the server and of any proxy in front of it.");
    }
    if (answer.body().isMissingNode() && status != 204) {
      return new LatchkeyException(
          "%s: the response at %s (status %d) is not from a Vault server"
              .formatted(failure(), server, status),
          "Correct latchkey.vault.uri: scheme, host, port, and the path if a proxy adds one.");
    }
    return new LatchkeyException(
        "%s: %s returned status %d, %s".formatted(failure(), server, status, answer.words()),
        "Check the path and the configuration of its secrets engine.");
  }

  public LatchkeyException denied() {
    return new LatchkeyException(
        "%s: permission denied by %s".formatted(failure(), server),
        "Add this line to a policy of the application's token:\n  " + policy);
  }

  public StoreUnavailableException unprovenAbsence() {
    return unavailable(
        "it has nothing at this path, but the read may be stale",
        "The log says why reads from this server are unproven. Latchkey creates nothing after such a"
            + " read.");
  }

  private StoreUnavailableException unavailable(String why, String action) {
    return new StoreUnavailableException(
        "%s: %s is unavailable: %s".formatted(failure(), server, why), action);
  }

  public String failure() {
    return "Cannot " + attempt;
  }
}
