package dev.latchkey.vault.internal.secret;

import dev.latchkey.secret.Lease;
import dev.latchkey.secret.LeaseExpiredException;
import dev.latchkey.vault.internal.client.VaultAnswer;
import dev.latchkey.vault.internal.client.VaultConnection;
import dev.latchkey.vault.internal.client.VaultErrors;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/** The leases of the server's dynamic credentials. */
final class VaultLeases {

  private static final String RENEW = "sys/leases/renew";
  private static final String REVOKE = "sys/leases/revoke";

  private final VaultConnection connection;
  private final UsedPaths used;

  VaultLeases(VaultConnection connection, UsedPaths used) {
    this.connection = connection;
    this.used = used;
  }

  /** The lease that came with a response, if any. */
  Optional<Lease> of(VaultAnswer answer) {
    String id = answer.body().path("lease_id").asString("");
    if (id.isEmpty()) {
      return Optional.empty();
    }
    used.add(RENEW, "update"); // also shows whether a lease is alive that is not renewable
    used.add(REVOKE, "update");
    return Optional.of(lease(answer, id));
  }

  Lease renew(Lease lease, Duration increment) {
    VaultAnswer answer =
        connection.post(
            RENEW, Map.of("lease_id", lease.id(), "increment", Math.max(1, increment.toSeconds())));
    if (answer.status() == 200) {
      return lease(answer, lease.id());
    }
    if (answer.says("lease not found") || answer.says("lease expired")) {
      throw new LeaseExpiredException(
          "Lease %s no longer exists in %s".formatted(lease.id(), connection),
          "Request other credentials: those that came with the lease have been revoked.");
    }
    throw errors("renew the lease " + lease.id(), RENEW).of(answer);
  }

  void revoke(Lease lease) {
    VaultAnswer answer = connection.post(REVOKE, Map.of("lease_id", lease.id(), "sync", true));
    if (!answer.isSuccess()) {
      throw errors("revoke the lease " + lease.id(), REVOKE).of(answer);
    }
  }

  private static Lease lease(VaultAnswer answer, String id) {
    return new Lease(
        id,
        Duration.ofSeconds(answer.body().path("lease_duration").asLong(0)),
        answer.body().path("renewable").asBoolean(false));
  }

  private VaultErrors errors(String attempt, String path) {
    return connection.errors(
        attempt, path, "Check that the address is that of a Vault or OpenBao server.", "update");
  }
}
