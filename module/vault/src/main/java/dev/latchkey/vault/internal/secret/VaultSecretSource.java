package dev.latchkey.vault.internal.secret;

import dev.latchkey.LatchkeyException;
import dev.latchkey.StoreUnavailableException;
import dev.latchkey.internal.PercentEncoding;
import dev.latchkey.secret.Lease;
import dev.latchkey.secret.SecretReference;
import dev.latchkey.secret.SecretSource;
import dev.latchkey.secret.SecretSource.News;
import dev.latchkey.secret.SecretValue;
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
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.JsonNode;

/**
 * Reads secrets from KV version 1 and 2, at any mount, and from every other engine whose paths can
 * be read, such as leased credentials.
 */
public final class VaultSecretSource implements SecretSource {

  private static final Logger logger = LoggerFactory.getLogger(VaultSecretSource.class);

  private static final TypeReference<LinkedHashMap<String, @Nullable Object>> FIELDS =
      new TypeReference<>() {};

  /** What Vault mounts itself; it holds tokens, policies and entities, not secrets. */
  private static final Set<String> VAULTS_OWN = Set.of("auth", "cubbyhole", "identity", "sys");

  /** The types of those mounts: the path may begin with a namespace. */
  private static final Set<String> VAULTS_OWN_TYPES =
      Set.of(
          "token",
          "system",
          "identity",
          "cubbyhole",
          "ns_token",
          "ns_system",
          "ns_identity",
          "ns_cubbyhole");

  /** At the default refresh interval, an hour. */
  static final int CHECKS_AFTER_DENIAL = 60;

  private final VaultConnection connection;
  private final Mounts mounts;
  private final UsedPaths used = new UsedPaths();
  private final VaultLeases leases;

  /** Paths whose metadata was denied, with the number of checks since. */
  private final Map<String, Integer> metadataDenied = new ConcurrentHashMap<>();

  public VaultSecretSource(VaultConnection connection) {
    this.connection = connection;
    this.mounts = new Mounts(connection);
    this.leases = new VaultLeases(connection, used);
  }

  @Override
  public Optional<SecretValue> read(String path, @Nullable Long version) {
    return read(path, mount -> read(mount, path, version));
  }

  /**
   * Takes nothing for absent, and no failure for final, before the kind of the mount is certain.
   */
  private Optional<SecretValue> read(String path, Function<Mount, Optional<SecretValue>> request) {
    Mount mount = mountOf(path);
    LatchkeyException failure = null;
    try {
      Optional<SecretValue> read = request.apply(mount);
      if (read.isPresent()) {
        return read;
      }
    } catch (StoreUnavailableException ex) {
      throw ex;
    } catch (LatchkeyException ex) {
      failure = ex;
    }
    Mount now = mounts.again(mount, path);
    if (!now.equals(mount)) {
      return request.apply(now);
    }
    if (failure != null) {
      throw failure;
    }
    return Optional.empty();
  }

  private Optional<SecretValue> read(Mount mount, String path, @Nullable Long version) {
    if (mount.isVersionedKeyValue()) {
      Optional<Version> read = values(mount).read(mount.rest(path), version);
      used.add(mount.apiPath("data", path), "read");
      return read.map(found -> value(path, found, found.provedAt() != null));
    }
    if (version != null) {
      throw new LatchkeyException(
          "%s has no version %d: the engine at %s in %s is %s, which stores no versions"
              .formatted(
                  path,
                  version,
                  mount.path(),
                  connection,
                  mount.isKeyValue() ? "KV version 1" : "of type '%s'".formatted(mount.type())),
          mount.isKeyValue()
              ? "Remove ?version, or enable versioning: `vault kv enable-versioning %s/`."
                  .formatted(mount.path())
              : "Remove ?version.");
    }
    Optional<SecretValue> read =
        mount.isKeyValue() ? keyValue(mount, path) : Optional.of(dynamic(mount, path));
    used.add(path, "read");
    return read;
  }

  @Override
  public Optional<SecretValue> readNewest(String path) {
    return read(path, mount -> readNewest(mount, path));
  }

  private Optional<SecretValue> readNewest(Mount mount, String path) {
    if (!mount.isVersionedKeyValue()) {
      return read(mount, path, null);
    }
    ReadProof proof = connection.proofs().current();
    Optional<Version> read = values(mount).readNewest(mount.rest(path), proof);
    used.add(mount.apiPath("data", path), "read");
    return read.map(found -> value(path, found, proof.proves()));
  }

  private static SecretValue value(String path, Version found, boolean proved) {
    return SecretValue.keyValue(
        path, fields(found.data()), found.number(), found.createdAt(), proved);
  }

  private Optional<SecretValue> keyValue(Mount mount, String path) {
    ReadProof proof = connection.proofs().current();
    VaultAnswer answer = connection.get(path, null, proof.index());
    VaultErrors errors = errors("read " + path, path);
    if (answer.isNotFound() && !proof.proves()) {
      throw errors.unprovenAbsence();
    }
    if (answer.isNotFound()) {
      return Optional.empty();
    }
    return Optional.of(SecretValue.keyValue(path, data(answer, errors), 0, null, proof.proves()));
  }

  /** Only a KV engine can say with authority that a path has no value. */
  private SecretValue dynamic(Mount mount, String path) {
    ReadProof proof = connection.proofs().current();
    VaultAnswer answer = connection.get(path, null, proof.index());
    if (answer.isNotFound()) {
      throw new LatchkeyException(
          "%s has no secret at %s".formatted(connection, path),
          "Correct the path, or create the role: the engine at %s is of type '%s'."
              .formatted(mount.path(), mount.type()));
    }
    if (answer.says("unsupported operation") || answer.says("unsupported path")) {
      throw new LatchkeyException(
          "Cannot read %s: the engine at %s in %s is of type '%s', which has nothing to read there"
              .formatted(path, mount.path(), connection, mount.type()),
          "Use a path that can be read: `vault secrets list` shows the type of each engine.");
    }
    Map<String, @Nullable Object> fields = data(answer, errors("read " + path, path));
    Optional<Lease> lease = leases.of(answer);
    if (lease.isPresent()) {
      return SecretValue.leased(path, fields, lease.get());
    }
    JsonNode data = answer.body().path("data");
    if (!data.path("ttl").isNumber()) {
      return SecretValue.keyValue(path, fields, 0, null, proof.proves());
    }
    fields.remove("ttl");
    return SecretValue.staticRole(
        path,
        fields,
        instant(data.path("last_vault_rotation")),
        proof.proves(),
        Duration.ofSeconds(Math.max(0, data.path("ttl").asLong(0))));
  }

  private static Map<String, @Nullable Object> data(VaultAnswer answer, VaultErrors errors) {
    JsonNode data = answer.body().path("data");
    if (answer.status() != 200 || !data.isObject()) {
      throw errors.of(answer);
    }
    return fields(data);
  }

  @Override
  public News check(String path, SecretValue held) {
    Mount mount = mountOf(path);
    if (!mount.isVersionedKeyValue() || !mayAskMetadata(path)) {
      return News.CHANGED;
    }
    ReadProof proof = connection.proofs().current();
    String metadata = mount.apiPath("metadata", path);
    VaultAnswer answer = connection.get(metadata, null, proof.index());
    if (answer.isDenied()) {
      warnDenied(path, metadata);
      return News.CHANGED;
    }
    if (answer.isNotFound()) {
      return News.CHANGED; // reading it shows why
    }
    JsonNode data = answer.body().path("data");
    if (answer.status() != 200 || !data.isObject()) {
      throw errors("read " + metadata, metadata).of(answer);
    }
    used.add(metadata, "read");
    metadataDenied.remove(path);
    if (!isHeld(data, held)) {
      return News.CHANGED;
    }
    return proof.proves() ? News.UNCHANGED : News.UNPROVED;
  }

  private static boolean isHeld(JsonNode metadata, SecretValue held) {
    JsonNode newest = metadata.path("versions").path(metadata.path("current_version").asString(""));
    return metadata.path("current_version").asLong(0) == held.version()
        && newest.path("deletion_time").asString("").isEmpty()
        && !newest.path("destroyed").asBoolean(false)
        && held.changedAt()
            .filter(time -> time.equals(instant(newest.path("created_time"))))
            .isPresent();
  }

  /** A policy can change: what was denied is asked for again now and then. */
  private boolean mayAskMetadata(String path) {
    Integer skipped = metadataDenied.computeIfPresent(path, (it, count) -> count + 1);
    return skipped == null || skipped % CHECKS_AFTER_DENIAL == 0;
  }

  private void warnDenied(String path, String metadata) {
    if (metadataDenied.putIfAbsent(path, 0) == null) {
      logger.info(
          "{}: reading the whole secret at every refresh, since {} denies its metadata. To allow"
              + " cheaper checks, add this line to a policy of the application's token:\n  {}",
          SecretReference.ofPath(path),
          connection,
          PolicyLine.allowing(metadata, "read"));
    }
  }

  @Override
  public void write(String path, Map<String, @Nullable Object> fields, long expectedVersion) {
    Mount mount = mountOf(path);
    String rest = mount.rest(path);
    if (!mount.isVersionedKeyValue()) {
      throw values(mount).unversioned(rest);
    }
    Version ignored = values(mount).write(rest, fields, expectedVersion);
    used.add(mount.apiPath("data", path), "create", "update");
  }

  @Override
  public Lease renew(Lease lease, Duration increment) {
    return leases.renew(lease, increment);
  }

  @Override
  public void revoke(Lease lease) {
    leases.revoke(lease);
  }

  @Override
  public void onLogin(Consumer<Instant> listener) {
    connection.onLogin(listener);
  }

  @Override
  public String description() {
    return connection.toString();
  }

  /** The policy rules for every read and write so far. */
  public List<PolicyLine> needed() {
    return used.lines();
  }

  @Override
  public boolean mayWrite(String path) {
    return mounts.of(path).isVersionedKeyValue();
  }

  @Override
  public Optional<String> howToWrite(String path, String field, boolean isFirst) {
    Mount mount = mounts.of(path);
    if (!mount.isKeyValue()) {
      return Optional.of(
          "The engine at %s is of type '%s' and decides what there is: correct the path or the field."
              .formatted(mount.path(), mount.type()));
    }
    if (mount.isVersionedKeyValue() && mount.rest(path).startsWith("data/")) {
      return Optional.of(
          "Leave 'data/' out of the path: %s/%s."
              .formatted(mount.path(), mount.rest(path).substring("data/".length())));
    }
    return Optional.of(
        "Write it: `vault kv %s %s %s=...`."
            .formatted(isFirst ? "put" : "patch", argument(path), argument(field)));
  }

  /** An argument for a shell. */
  private static String argument(String encoded) {
    String decoded = PercentEncoding.decode(encoded);
    return decoded.equals(encoded) ? decoded : "'" + decoded.replace("'", "'\\''") + "'";
  }

  private Mount mountOf(String path) {
    if (VAULTS_OWN.contains(path.split("/", 2)[0])) {
      throw vaultsOwn(path);
    }
    Mount mount = mounts.of(path);
    if (VAULTS_OWN_TYPES.contains(mount.type())) {
      throw vaultsOwn(path);
    }
    if (mount.path().equals(path)) {
      throw new LatchkeyException(
          "Cannot read %s: it is a mount in %s, not a path".formatted(path, connection),
          "Add the path: `vault kv list %s` lists the paths.".formatted(path));
    }
    return mount;
  }

  private LatchkeyException vaultsOwn(String path) {
    return new LatchkeyException(
        "Cannot read %s: it belongs to %s itself, and could reveal the application's own token"
            .formatted(path, connection),
        "Use the path of a secret: `vault secrets list` lists the secrets engines.");
  }

  private VersionedKeyValues values(Mount mount) {
    return new VersionedKeyValues(connection, mount.path());
  }

  private VaultErrors errors(String attempt, String path) {
    return connection.errors(attempt, path, "Mount an engine there, or correct the path.", "read");
  }

  private static Map<String, @Nullable Object> fields(JsonNode data) {
    return VaultAnswer.JSON.convertValue(data, FIELDS);
  }

  private static @Nullable Instant instant(JsonNode time) {
    try {
      return OffsetDateTime.parse(time.asString("")).toInstant();
    } catch (DateTimeException ex) {
      return null;
    }
  }
}
