package dev.latchkey.vault.internal.secret;

import dev.latchkey.LatchkeyException;
import dev.latchkey.secret.AbsentSecretException;
import dev.latchkey.secret.Lease;
import dev.latchkey.secret.LeaseExpiredException;
import dev.latchkey.secret.RotatingSource;
import dev.latchkey.secret.SecretData;
import dev.latchkey.secret.SecretNews;
import dev.latchkey.secret.SecretReading;
import dev.latchkey.secret.SecretReference;
import dev.latchkey.vault.internal.client.PolicyLine;
import dev.latchkey.vault.internal.client.ReadProof;
import dev.latchkey.vault.internal.client.VaultAnswer;
import dev.latchkey.vault.internal.client.VaultConnection;
import dev.latchkey.vault.internal.client.VaultErrors;
import dev.latchkey.vault.internal.kv.Mount;
import dev.latchkey.vault.internal.kv.Mounts;
import dev.latchkey.vault.internal.kv.VersionedKeyValues;
import dev.latchkey.vault.internal.kv.VersionedKeyValues.Version;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;

/**
 * Secrets that rotate, in the server's engines of whatever kind: values of the KV engines, leases,
 * and static roles. The kind is told by the answer.
 */
final class VaultRotatingSource implements RotatingSource {

  private static final Logger logger = LoggerFactory.getLogger(VaultRotatingSource.class);

  private static final String RENEW = "sys/leases/renew";
  private static final String REVOKE = "sys/leases/revoke";

  private final VaultConnection connection;
  private final Mounts mounts;
  private final UsedPaths used;
  private final Set<String> metadataDenied = ConcurrentHashMap.newKeySet();

  VaultRotatingSource(VaultConnection connection, Mounts mounts, UsedPaths used) {
    this.connection = connection;
    this.mounts = mounts;
    this.used = used;
  }

  @Override
  public SecretReading read(SecretReference reference) {
    String path = reference.path();
    Mount mount = mounts.of(path);
    if (mount.path().equals(path)) {
      throw new LatchkeyException(
          "Cannot read %s: it is a mount in %s, not a path in it".formatted(path, connection),
          "Add the path, as in vault@%s/name.".formatted(path));
    }
    used.add(mount.apiPath("data", path), "read");
    ReadProof proof = connection.proofs().current();
    return mount.isVersionedKeyValue()
        ? versioned(mount, path, proof)
        : unversioned(mount, path, proof);
  }

  private SecretReading versioned(Mount mount, String path, ReadProof proof) {
    Version found =
        new VersionedKeyValues(connection, mount.path())
            .readNewest(rest(mount, path), proof)
            .orElseThrow(
                () -> absent(path, "Write it: `vault kv put %s name=...`.".formatted(path)));
    return SecretReading.ofKeyValue(
        new SecretData(VaultSecretSource.fields(found.data()), found.number()),
        found.createdAt(),
        proof.proves());
  }

  private SecretReading unversioned(Mount mount, String path, ReadProof proof) {
    VaultAnswer answer = connection.get(path, null, proof.index());
    boolean isKeyValue = mount.type().equals("kv") || mount.type().equals("generic");
    if (answer.isNotFound()) {
      throw absent(
          path,
          isKeyValue
              ? "Write it: `vault kv put %s name=...`.".formatted(path)
              : "Correct the path, or make the role: the engine at %s is of type '%s'."
                  .formatted(mount.path(), mount.type()));
    }
    if (answer.says("unsupported operation") || answer.says("unsupported path")) {
      throw new LatchkeyException(
          "Cannot read %s: the engine at %s in %s is of type '%s', and has nothing to read there"
              .formatted(path, mount.path(), connection, mount.type()),
          "Name a path that can be read: `vault secrets list` shows the type of each engine.");
    }
    JsonNode data = answer.body().path("data");
    if (answer.status() != 200 || !data.isObject()) {
      throw refusal("read " + path, path, "read").of(answer);
    }
    Map<String, @Nullable Object> fields = new LinkedHashMap<>(VaultSecretSource.fields(data));
    String lease = answer.body().path("lease_id").asString("");
    if (!lease.isEmpty()) {
      used.add(RENEW, "update"); // where it cannot be renewed, that still tells whether it is alive
      used.add(REVOKE, "update");
      return SecretReading.ofLease(fields, lease(answer, lease));
    }
    if (!isKeyValue && data.path("ttl").isNumber()) {
      fields.remove("ttl");
      return SecretReading.ofStaticRole(
          fields,
          instant(data.path("last_vault_rotation")),
          proof.proves(),
          Duration.ofSeconds(Math.max(0, data.path("ttl").asLong(0))));
    }
    return SecretReading.ofKeyValue(new SecretData(fields, 0), null, proof.proves());
  }

  @Override
  public SecretNews check(SecretReference reference, SecretReading held) {
    Mount mount = mounts.of(reference.path());
    if (!mount.isVersionedKeyValue() || metadataDenied.contains(reference.path())) {
      return SecretNews.CHANGED;
    }
    ReadProof proof = connection.proofs().current();
    String path = mount.apiPath("metadata", reference.path());
    used.add(path, "read");
    VaultAnswer answer = connection.get(path, null, proof.index());
    if (answer.status() == 403) {
      tellDenied(reference, path);
      return SecretNews.CHANGED;
    }
    if (answer.isNotFound()) {
      return SecretNews.CHANGED; // reading it tells why
    }
    JsonNode data = answer.body().path("data");
    if (answer.status() != 200 || !data.isObject()) {
      throw refusal("read " + path, path, "read").of(answer);
    }
    return isHeld(data, held)
        ? (proof.proves() ? SecretNews.UNCHANGED : SecretNews.UNPROVED)
        : SecretNews.CHANGED;
  }

  private static boolean isHeld(JsonNode metadata, SecretReading held) {
    JsonNode newest = metadata.path("versions").path(metadata.path("current_version").asString(""));
    return metadata.path("current_version").asLong(0) == held.version()
        && newest.path("deletion_time").asString("").isEmpty()
        && !newest.path("destroyed").asBoolean(false)
        && held.changedAt() != null
        && held.changedAt().equals(instant(newest.path("created_time")));
  }

  private void tellDenied(SecretReference reference, String path) {
    if (metadataDenied.add(reference.path())) {
      logger.info(
          "{} is read whole at every refresh, to see whether it changed: {} denies the metadata."
              + " Add this line to a policy of the application's token:\n  {}",
          reference,
          connection,
          PolicyLine.allowing(path, "read"));
    }
  }

  @Override
  public Lease renew(Lease lease, Duration increment) {
    VaultAnswer answer =
        connection.post(
            RENEW, Map.of("lease_id", lease.id(), "increment", Math.max(1, increment.toSeconds())));
    if (answer.status() == 200) {
      return lease(answer, lease.id());
    }
    if (answer.says("lease not found") || answer.says("lease expired")) {
      throw new LeaseExpiredException(
          "%s knows the lease %s no more".formatted(connection, lease.id()),
          "Take others: whatever ended it also ended what came with it.");
    }
    throw refusal("renew the lease " + lease.id(), RENEW, "update").of(answer);
  }

  @Override
  public void revoke(Lease lease) {
    VaultAnswer answer = connection.post(REVOKE, Map.of("lease_id", lease.id(), "sync", true));
    if (!answer.isSuccess()) {
      throw refusal("revoke the lease " + lease.id(), REVOKE, "update").of(answer);
    }
  }

  @Override
  public void onLogin(Consumer<Instant> listener) {
    connection.onLogin(listener);
  }

  @Override
  public String description() {
    return connection.toString();
  }

  private VaultErrors refusal(String attempt, String path, String capability) {
    return new VaultErrors(
        connection,
        attempt,
        path,
        PolicyLine.allowing(path, capability),
        "Mount an engine there, or correct the path.");
  }

  private AbsentSecretException absent(String path, String action) {
    return new AbsentSecretException("%s holds nothing at %s".formatted(connection, path), action);
  }

  private static String rest(Mount mount, String path) {
    return path.substring(mount.path().length() + 1);
  }

  private static Lease lease(VaultAnswer answer, String id) {
    return new Lease(
        id,
        Duration.ofSeconds(answer.body().path("lease_duration").asLong(0)),
        answer.body().path("renewable").asBoolean(false));
  }

  private static @Nullable Instant instant(JsonNode time) {
    try {
      return OffsetDateTime.parse(time.asString("")).toInstant();
    } catch (DateTimeException ex) {
      return null;
    }
  }
}
