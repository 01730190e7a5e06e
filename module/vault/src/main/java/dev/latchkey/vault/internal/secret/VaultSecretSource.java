package dev.latchkey.vault.internal.secret;

import dev.latchkey.LatchkeyException;
import dev.latchkey.secret.RotatingSource;
import dev.latchkey.secret.SecretData;
import dev.latchkey.secret.SecretSource;
import dev.latchkey.secret.rotating.internal.FixedLeases;
import dev.latchkey.vault.internal.client.PolicyLine;
import dev.latchkey.vault.internal.client.ReadProof;
import dev.latchkey.vault.internal.client.VaultAnswer;
import dev.latchkey.vault.internal.client.VaultConnection;
import dev.latchkey.vault.internal.client.VaultErrors;
import dev.latchkey.vault.internal.kv.Mount;
import dev.latchkey.vault.internal.kv.Mounts;
import dev.latchkey.vault.internal.kv.VersionedKeyValues;
import dev.latchkey.vault.internal.kv.VersionedKeyValues.Version;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.JsonNode;

/**
 * Secrets in the server's KV engines, of both versions, wherever they are mounted; and whatever any
 * other engine gives for a path that can be read, such as credentials with a lease.
 *
 * @since 0.1
 */
public final class VaultSecretSource implements SecretSource {

  private static final TypeReference<LinkedHashMap<String, @Nullable Object>> FIELDS =
      new TypeReference<>() {};

  private final VaultConnection connection;
  private final Mounts mounts;
  private final FixedLeases fixedLeases;
  private final UsedPaths used = new UsedPaths();

  public VaultSecretSource(VaultConnection connection) {
    this.connection = connection;
    this.mounts = new Mounts(connection);
    this.fixedLeases =
        new FixedLeases(
            new VaultRotatingSource(connection, mounts, used),
            connection.background(),
            Clock.systemUTC());
    connection.beforeClose(fixedLeases::close);
  }

  @Override
  public Optional<SecretData> read(String path, @Nullable Long version) {
    Mount mount = mountOf(path);
    String rest = path.substring(mount.path().length() + 1);
    used.add(mount.apiPath("data", path), "read");
    if (mount.isVersionedKeyValue()) {
      return values(mount)
          .read(rest, version)
          .map(found -> new SecretData(fields(found.data()), found.number()));
    }
    if (version != null) {
      throw new LatchkeyException(
          "%s has no version %d: the engine at %s in %s is %s, which keeps none"
              .formatted(
                  path,
                  version,
                  mount.path(),
                  connection,
                  isKeyValue(mount) ? "KV version 1" : "of type '%s'".formatted(mount.type())),
          isKeyValue(mount)
              ? "Take ?version away, or let the engine keep versions: `vault kv enable-versioning %s/`."
                  .formatted(mount.path())
              : "Take ?version away.");
    }
    return isKeyValue(mount) ? readUnversioned(mount, path) : Optional.of(fixedLeases.read(path));
  }

  @Override
  public void write(String path, Map<String, @Nullable Object> fields, long expectedVersion) {
    Mount mount = mountOf(path);
    String rest = path.substring(mount.path().length() + 1);
    if (!mount.isVersionedKeyValue()) {
      throw values(mount).notVersioned(rest);
    }
    used.add(mount.apiPath("data", path), "create", "update");
    Version ignored = values(mount).write(rest, fields, expectedVersion);
  }

  @Override
  public String description() {
    return connection.toString();
  }

  @Override
  public RotatingSource rotating() {
    return new VaultRotatingSource(connection, mounts, used);
  }

  /** What a policy must allow, for all that was read and written so far. */
  public List<PolicyLine> needed() {
    return used.lines();
  }

  @Override
  public String howToWrite(String path, String field, boolean isFirst) {
    return "Write it: `vault kv %s %s %s=...`.".formatted(isFirst ? "put" : "patch", path, field);
  }

  private Optional<SecretData> readUnversioned(Mount mount, String path) {
    VaultAnswer answer = connection.get(path);
    VaultErrors refusal =
        new VaultErrors(
            connection,
            "read " + path,
            path,
            PolicyLine.allowing(path, "read"),
            "Mount a KV engine at %s, or correct the mount.".formatted(mount.path()));
    if (answer.isNotFound()) {
      ReadProof proof = connection.proofs().current();
      answer = connection.get(path, null, proof.index());
      if (answer.isNotFound() && !proof.proves()) {
        throw refusal.notProvedAbsent();
      }
    }
    if (answer.isNotFound()) {
      return Optional.empty();
    }
    JsonNode data = answer.body().path("data");
    if (answer.status() != 200 || !data.isObject()) {
      throw refusal.of(answer);
    }
    return Optional.of(new SecretData(fields(data), 0));
  }

  private Mount mountOf(String path) {
    Mount mount = mounts.of(path);
    if (mount.path().equals(path)) {
      throw new LatchkeyException(
          "Cannot read %s: it is a mount in %s, not a path in it".formatted(path, connection),
          "Add the path: `vault kv list %s` shows which there are.".formatted(path));
    }
    return mount;
  }

  private static boolean isKeyValue(Mount mount) {
    return mount.type().equals("kv") || mount.type().equals("generic");
  }

  private VersionedKeyValues values(Mount mount) {
    return new VersionedKeyValues(connection, mount.path());
  }

  static Map<String, @Nullable Object> fields(JsonNode data) {
    return VaultAnswer.JSON.convertValue(data, FIELDS);
  }
}
