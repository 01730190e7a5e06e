package dev.latchkey.vault.internal.client;

import dev.latchkey.StoreUnavailableException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import javax.net.ssl.SSLException;

/** Explains why a request got no response. */
final class Unreachable {

  private static final String CHECK =
      "Check latchkey.vault.uri, that the server is running, and that this machine can reach it.";

  private Unreachable() {}

  static StoreUnavailableException because(Throwable failure, VaultAddress address) {
    String[] explanation = {"connection lost", CHECK};
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof UnresolvedAddressException || cause instanceof UnknownHostException) {
        return unavailable(address, "unknown host", CHECK, failure);
      }
      if (cause instanceof BoundedResponse.TooLongException) {
        return new StoreUnavailableException(
            "%s sends a %s".formatted(address, cause.getMessage()),
            "Check that latchkey.vault.uri is the server's own address: no response of Vault is that"
                + " long.",
            failure);
      }
      if (cause instanceof SSLException) {
        return unavailable(
            address,
            "TLS handshake failed (%s)".formatted(cause.getMessage()),
            "If the server's certificate is issued by your own authority, set"
                + " latchkey.vault.ssl.bundle to a bundle that trusts it. If the server speaks plain"
                + " http, start latchkey.vault.uri with http://.",
            failure);
      }
      if (cause instanceof HttpConnectTimeoutException) {
        explanation[0] = "connection timed out";
        explanation[1] = CHECK + " latchkey.vault.connect-timeout sets the timeout.";
      } else if (cause instanceof HttpTimeoutException) {
        explanation[0] = "response timed out";
        explanation[1] = CHECK + " latchkey.vault.read-timeout sets the timeout.";
      } else if (cause instanceof ConnectException) {
        explanation[0] = "connection refused";
      }
    }
    return unavailable(address, explanation[0], explanation[1], failure);
  }

  private static StoreUnavailableException unavailable(
      VaultAddress address, String why, String action, Throwable cause) {
    return new StoreUnavailableException(
        "%s is not reachable: %s".formatted(address, why), action, cause);
  }
}
