package dev.latchkey.vault;

import dev.latchkey.test.BaoServer;
import java.net.URI;
import java.time.Duration;

/** Connections for tests. */
final class VaultTestConnection {

  private VaultTestConnection() {}

  static VaultConnection root(BaoServer server) {
    return to(server.uri(), server.rootToken());
  }

  static VaultConnection to(URI uri, String token) {
    return VaultConnection.to(settings(uri), login -> GivenTokenAuthentication.of(token));
  }

  static VaultSettings settings(URI uri) {
    return new VaultSettings(
        uri.toString(), false, null, null, Duration.ofSeconds(2), Duration.ofSeconds(3));
  }
}
