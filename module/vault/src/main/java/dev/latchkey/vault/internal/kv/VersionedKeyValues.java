package dev.latchkey.vault.internal.kv;

import dev.latchkey.LatchkeyException;
import dev.latchkey.WriteConflictException;
import dev.latchkey.vault.internal.client.PolicyLine;
import dev.latchkey.vault.internal.client.ReadProof;
import dev.latchkey.vault.internal.client.VaultAnswer;
import dev.latchkey.vault.internal.client.VaultConnection;
import dev.latchkey.vault.internal.client.VaultErrors;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * One mount of the KV engine that keeps versions: reads that tell <em>never there</em> from every
 * other reason for no value, and writes that succeed only on the expected version.
 */
public final class VersionedKeyValues {

  private static final String CONFLICT =
      "check-and-set parameter did not match the current version";

  private final VaultConnection connection;
  private final String mount;

  public VersionedKeyValues(VaultConnection connection, String mount) {
    this.connection = connection;
    this.mount = mount;
  }

  /**
   * What lies at a path.
   *
   * @return empty if the engine says that nothing does; whether that can be believed depends on the
   *     mount, which the caller must know to keep versions
   */
  public Optional<Version> read(String path, @Nullable Long version) {
    return read(path, version, null);
  }

  /** What lies at a path now, with what is known of how new that is. */
  public Optional<Version> readNewest(String path, ReadProof proof) {
    return read(path, null, proof);
  }

  private Optional<Version> read(String path, @Nullable Long version, @Nullable ReadProof proof) {
    VaultErrors refusal = refusal("read " + location(path), path, "read");
    VaultAnswer answer =
        connection.get(
            apiPath(path),
            version == null ? null : "version=" + version,
            proof == null ? connection.proofs().index() : proof.index());
    if (answer.isNotFound()) {
      if (proof == null) {
        return read(path, version, connection.proofs().current());
      }
      if (!proof.proves()) {
        throw refusal.notProvedAbsent();
      }
      if (version != null) {
        failIfOtherVersionsExist(path, version);
      }
      return Optional.empty();
    }
    JsonNode metadata = answer.body().at("/data/metadata");
    if (answer.status() == 404 && metadata.isObject()) {
      throw gone(path, metadata);
    }
    JsonNode data = answer.body().at("/data/data");
    if (answer.status() == 200 && answer.body().has("data") && !metadata.isObject()) {
      throw notVersioned(refusal);
    }
    if (answer.status() == 403) {
      Mount.lookUp(connection, location(path));
    }
    if (answer.status() != 200 || !data.isObject()) {
      throw refusal.of(answer);
    }
    Version found = version(data, metadata, answer, refusal);
    return Optional.of(proof == null ? found : found.provedBy(proof));
  }

  /**
   * Writes version {@code expected + 1} of a path.
   *
   * @throws WriteConflictException if another version stands there
   */
  public Version write(String path, Map<String, ? extends @Nullable Object> data, long expected) {
    VaultErrors refusal =
        expected == 0
            ? refusal("write " + location(path), path, "create", "update")
            : refusal("write " + location(path), path, "update");
    VaultAnswer answer =
        connection.post(apiPath(path), Map.of("options", Map.of("cas", expected), "data", data));
    if (answer.status() == 400 && answer.errors().contains(CONFLICT)) {
      throw new WriteConflictException(location(path), expected);
    }
    if (answer.status() == 204) {
      throw notVersioned(refusal);
    }
    if (answer.status() != 200) {
      throw refusal.of(answer);
    }
    Version written =
        version(answer.body().path("data"), answer.body().path("data"), answer, refusal);
    if (written.number() != expected + 1) {
      throw new LatchkeyException(
          "%s: %s says that it wrote version %d where only %d could follow"
              .formatted(refusal.failure(), connection, written.number(), expected + 1),
          "Check that nothing but Latchkey writes there, and that the server is one cluster.");
    }
    written.failIfItExpires(location(path), mount, path);
    return written;
  }

  public String location(String path) {
    return mount + "/" + path;
  }

  private String apiPath(String path) {
    return mount + "/data/" + path;
  }

  private VaultErrors refusal(String attempt, String path, String... capabilities) {
    return new VaultErrors(
        connection,
        attempt,
        apiPath(path),
        PolicyLine.allowing(apiPath(path), capabilities),
        "Mount one (`vault secrets enable -path=%s -version=2 kv`), or correct the mount."
            .formatted(mount));
  }

  /** The engine answers a version that never was like a path that never was. */
  private void failIfOtherVersionsExist(String path, long version) {
    read(path, null)
        .ifPresent(
            newest -> {
              throw new LatchkeyException(
                  "%s has no version %d in %s: its newest is %d"
                      .formatted(location(path), version, connection, newest.number()),
                  "Pin a version that exists: `vault kv metadata get -mount=%s %s` lists them."
                      .formatted(mount, path));
            });
  }

  private GoneVersionException gone(String path, JsonNode metadata) {
    long version = metadata.path("version").asLong(0);
    if (metadata.path("destroyed").asBoolean(false)) {
      return new GoneVersionException(
          "Version %d of %s is destroyed in %s".formatted(version, location(path), connection),
          "It cannot be brought back there: restore a backup of the server. Nothing is made in its"
              + " place, since what it protected could never be read again.");
    }
    return new GoneVersionException(
        "Version %d of %s is deleted in %s".formatted(version, location(path), connection),
        "Bring it back: `vault kv undelete -mount=%s -versions=%d %s`. Nothing is made in its place."
            .formatted(mount, version, path));
  }

  private LatchkeyException notVersioned(VaultErrors refusal) {
    return new LatchkeyException(
        "%s: the engine at %s in %s is KV version 1, which knows no check-and-set"
            .formatted(refusal.failure(), mount, connection),
        "Let it keep versions (`vault kv enable-versioning %s/`), or name a mount that does."
            .formatted(mount));
  }

  public LatchkeyException notVersioned(String path) {
    return notVersioned(refusal("keep versions of " + location(path), path, "read"));
  }

  private static Version version(
      JsonNode data, JsonNode metadata, VaultAnswer answer, VaultErrors refusal) {
    long number = metadata.path("version").asLong(0);
    Instant date = answer.date();
    if (number < 1 || date == null) {
      throw new LatchkeyException(
          "%s: the answer of %s lacks its version or its Date header"
              .formatted(refusal.failure(), refusal.connection()),
          "Check what stands between the application and the server: it changes answers.");
    }
    try {
      Instant created =
          OffsetDateTime.parse(metadata.path("created_time").asString("")).toInstant();
      return new Version(
          data,
          number,
          created,
          date.isBefore(created) ? created : date,
          null,
          metadata.path("deletion_time").asString(""));
    } catch (DateTimeException ex) {
      throw new LatchkeyException(
          "%s: the answer of %s lacks a time of creation"
              .formatted(refusal.failure(), refusal.connection()),
          "Check what stands between the application and the server: it changes answers.");
    }
  }

  /**
   * One version.
   *
   * @param data its fields; after a write, what the server said of it
   * @param number 1 or more
   * @param createdAt when the server took it
   * @param readAt the answer's date: to the second, so never before {@code createdAt} only because
   *     it is put right
   * @param provedAt as of when it is known to be the newest; null if it is not
   * @param expires when the server will delete it, or empty
   */
  public record Version(
      JsonNode data,
      long number,
      Instant createdAt,
      Instant readAt,
      @Nullable Instant provedAt,
      String expires) {

    public Version provedBy(ReadProof proof) {
      return new Version(data, number, createdAt, readAt, proof.provedAt(readAt), expires);
    }

    public void failIfItExpires(String location, String mount, String path) {
      if (!expires.isEmpty()) {
        throw new LatchkeyException(
            "%s will be deleted by the server at %s: the mount or the path has a"
                    .formatted(location, expires)
                + " delete_version_after",
            ("Take it away: `vault write %1$s/config delete_version_after=-1s`, `vault kv metadata"
                    + " put -mount=%1$s -delete-version-after=0s %2$s`; then keep this version: `vault"
                    + " kv undelete -mount=%1$s -versions=%3$d %2$s`.")
                .formatted(mount, path, number));
      }
    }

    @Override
    public String toString() {
      return "Version[number=%d, createdAt=%s]".formatted(number, createdAt);
    }
  }
}
