package dev.latchkey.vault.internal.client;

import dev.latchkey.StoreUnavailableException;
import java.net.ConnectException;
import java.net.UnknownHostException;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import javax.net.ssl.SSLException;

/** Says in a user's words why no answer came. */
final class Unreachable {

  private static final String CHECK =
      "Check latchkey.vault.uri, that the server runs, and that this machine may reach it.";

  private Unreachable() {}

  static StoreUnavailableException because(Throwable failure, VaultAddress address) {
    String[] answer = {"the connection broke off", CHECK};
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof UnresolvedAddressException || cause instanceof UnknownHostException) {
        return unavailable(address, "its host's name is unknown here", CHECK, failure);
      }
      if (cause instanceof SSLException) {
        return unavailable(
            address,
            "no TLS connection came about (%s)".formatted(cause.getMessage()),
            "Where the server's certificate is your own, name the bundle that trusts it:"
                + " latchkey.vault.ssl.bundle. Where the server speaks plain http, so must"
                + " latchkey.vault.uri.",
            failure);
      }
      if (cause instanceof HttpConnectTimeoutException) {
        answer[0] = "no connection came about in time";
        answer[1] = CHECK + " latchkey.vault.connect-timeout is how long it may take.";
      } else if (cause instanceof HttpTimeoutException) {
        answer[0] = "no answer came in time";
        answer[1] = CHECK + " latchkey.vault.read-timeout is how long it may take.";
      } else if (cause instanceof ConnectException) {
        answer[0] = "the connection was refused";
      }
    }
    return unavailable(address, answer[0], answer[1], failure);
  }

  private static StoreUnavailableException unavailable(
      VaultAddress address, String why, String action, Throwable cause) {
    return new StoreUnavailableException(
        "%s cannot be reached: %s".formatted(address, why), action, cause);
  }
}
