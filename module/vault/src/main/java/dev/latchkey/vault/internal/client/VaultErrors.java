package dev.latchkey.vault.internal.client;

import dev.latchkey.LatchkeyException;
import dev.latchkey.StoreUnavailableException;

/**
 * Turns an answer that is not what was asked for into an error that says what to do about it.
 *
 * @param connection who answered
 * @param attempt what was attempted, such as {@code read secret/orders-db}
 * @param path the API's path
 * @param policy what a policy must hold to allow it
 * @param mounting how to get an engine there, for where there is none
 */
public record VaultErrors(
    VaultConnection connection, String attempt, String path, PolicyLine policy, String mounting) {

  public LatchkeyException of(VaultAnswer answer) {
    int status = answer.status();
    if (status == 403) {
      return denied();
    }
    if (answer.says("no handler for route")) {
      return new LatchkeyException(
          "%s: %s has no secrets engine at %s".formatted(failure(), connection, path), mounting);
    }
    if (answer.says("namespace not found")) {
      return new LatchkeyException(
          "%s: %s has no such namespace".formatted(failure(), connection),
          "Correct latchkey.vault.namespace. `vault namespace list` shows which there are.");
    }
    if (answer.says("is sealed")) {
      return unavailable("it is sealed", "Unseal it: `vault operator unseal`.");
    }
    if (answer.says("Waiting for the primary") || answer.says("Upgrading from non-versioned")) {
      return unavailable(answer.words(), "The engine has just been mounted or moved: try again.");
    }
    if (status == 429) {
      return unavailable(
          "it limits the rate of requests", "Raise the quota: `vault list sys/quotas/rate-limit`.");
    }
    if (status == 412 || status >= 500) {
      return unavailable(
          "it answered %d, %s".formatted(status, answer.words()),
          "Look into the server's log, and that of anything that stands before it.");
    }
    if (answer.body().isMissingNode() && status != 204) {
      return new LatchkeyException(
          "%s: what answers at %s (with status %d) is no Vault server"
              .formatted(failure(), connection, status),
          "Correct latchkey.vault.uri: scheme, host, port, and the path if a proxy stands before"
              + " the server.");
    }
    return new LatchkeyException(
        "%s: %s answered %d, %s".formatted(failure(), connection, status, answer.words()),
        "Check the path and the engine's settings there.");
  }

  public LatchkeyException denied() {
    return new LatchkeyException(
        "%s: %s denies it".formatted(failure(), connection),
        "Add this line to a policy of the application's token:\n  " + policy);
  }

  public StoreUnavailableException notProvedAbsent() {
    return unavailable(
        "it finds nothing there, but that may be an old answer",
        "See the log for why answers of this server are not proved to be new. Nothing is made on"
            + " such an answer.");
  }

  private StoreUnavailableException unavailable(String why, String action) {
    return new StoreUnavailableException(
        "%s: %s gives no answer now, %s".formatted(failure(), connection, why), action);
  }

  public String failure() {
    return "Cannot " + attempt;
  }
}
