package dev.latchkey.vault.internal.kv;

import dev.latchkey.LatchkeyException;
import dev.latchkey.WriteConflictException;
import dev.latchkey.key.document.StoredDocument;
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
 * One mount of the KV version 2 engine. A read distinguishes a path that never existed from every
 * other reason for a missing value, and a write succeeds only for the expected version.
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
   * Reads a version of a path, or the newest.
   *
   * @return empty if the engine reports that the path does not exist; the caller must know that the
   *     mount is KV version 2
   */
  public Optional<Version> read(String path, @Nullable Long version) {
    return read(path, version, null);
  }

  /** Reads the newest version of a path with a read proof. */
  public Optional<Version> readNewest(String path, ReadProof proof) {
    return read(path, null, proof);
  }

  private Optional<Version> read(String path, @Nullable Long version, @Nullable ReadProof proof) {
    VaultErrors errors = errors("read " + location(path), path, "read");
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
        throw errors.unprovenAbsence();
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
      throw unversioned(errors);
    }
    if (answer.isDenied()) {
      Mount.lookUp(connection, location(path)); // fails with a better error if there is no mount
    }
    if (answer.status() != 200 || !data.isObject()) {
      throw errors.of(answer);
    }
    Version found = version(data, metadata, answer, errors);
    return Optional.of(proof == null ? found : found.provedBy(proof));
  }

  /**
   * Writes version {@code expected + 1} of a path.
   *
   * @throws WriteConflictException if the path has another version
   */
  public Version write(String path, Map<String, ? extends @Nullable Object> data, long expected) {
    VaultErrors errors =
        expected == 0
            ? errors("write " + location(path), path, "create", "update")
            : errors("write " + location(path), path, "update");
    VaultAnswer answer =
        connection.post(apiPath(path), Map.of("options", Map.of("cas", expected), "data", data));
    if (answer.status() == 400 && answer.errors().contains(CONFLICT)) {
      throw new WriteConflictException(location(path), expected);
    }
    if (answer.status() == 204) {
      throw unversioned(errors);
    }
    if (answer.status() != 200) {
      throw errors.of(answer);
    }
    Version written =
        version(answer.body().path("data"), answer.body().path("data"), answer, errors);
    if (written.number() != expected + 1) {
      throw new LatchkeyException(
          "%s: %s reports version %d, expected %d"
              .formatted(errors.failure(), connection, written.number(), expected + 1),
          "Check that only Latchkey writes to this path, and that the server is a single cluster.");
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

  private VaultErrors errors(String attempt, String path, String... capabilities) {
    return connection.errors(
        attempt,
        apiPath(path),
        "Mount one (`vault secrets enable -path=%s -version=2 kv`), or correct the mount."
            .formatted(mount),
        capabilities);
  }

  /** The engine reports a missing version the same way as a missing path. */
  private void failIfOtherVersionsExist(String path, long version) {
    read(path, null)
        .ifPresent(
            newest -> {
              throw new LatchkeyException(
                  "%s has no version %d in %s: the newest is %d"
                      .formatted(location(path), version, connection, newest.number()),
                  "Use an existing version: `vault kv metadata get -mount=%s %s` lists them."
                      .formatted(mount, path));
            });
  }

  private GoneVersionException gone(String path, JsonNode metadata) {
    long version = metadata.path("version").asLong(0);
    if (metadata.path("destroyed").asBoolean(false)) {
      return new GoneVersionException(
          "Version %d of %s is destroyed in %s".formatted(version, location(path), connection),
          "Restore a backup of the server: a destroyed version cannot be recovered. Latchkey does not"
              + " replace it, because data that depends on it would become unreadable.");
    }
    return new GoneVersionException(
        "Version %d of %s is deleted in %s".formatted(version, location(path), connection),
        "Undelete it: `vault kv undelete -mount=%s -versions=%d %s`. Latchkey does not replace it."
            .formatted(mount, version, path));
  }

  private LatchkeyException unversioned(VaultErrors errors) {
    return new LatchkeyException(
        "%s: the engine at %s in %s is KV version 1, which has no check-and-set"
            .formatted(errors.failure(), mount, connection),
        "Enable versioning (`vault kv enable-versioning %s/`), or use a KV version 2 mount."
            .formatted(mount));
  }

  public LatchkeyException unversioned(String path) {
    return unversioned(errors("store versions of " + location(path), path, "read"));
  }

  private static Version version(
      JsonNode data, JsonNode metadata, VaultAnswer answer, VaultErrors errors) {
    long number = metadata.path("version").asLong(0);
    Instant date = answer.date();
    if (number < 1 || date == null) {
      throw incomplete("a version or a Date header", errors);
    }
    try {
      Instant created =
          OffsetDateTime.parse(metadata.path("created_time").asString("")).toInstant();
      return new Version(
          data,
          number,
          created,
          StoredDocument.notBefore(date, created),
          null,
          metadata.path("deletion_time").asString(""));
    } catch (DateTimeException ex) {
      throw incomplete("a creation time", errors);
    }
  }

  private static LatchkeyException incomplete(String missing, VaultErrors errors) {
    return new LatchkeyException(
        "%s: the response of %s lacks %s".formatted(errors.failure(), errors.server(), missing),
        "Check for a proxy between the application and the server that changes responses.");
  }

  /**
   * One version of a path.
   *
   * @param data fields; after a write, the metadata that Vault returned
   * @param number version number, 1 or more
   * @param createdAt when Vault stored the version
   * @param readAt date of the response, to the second, but never before {@code createdAt}
   * @param provedAt time as of which this is proven to be the newest version; null if unproven
   * @param expires when Vault will delete the version, or empty
   */
  public record Version(
      JsonNode data,
      long number,
      Instant createdAt,
      Instant readAt,
      @Nullable Instant provedAt,
      String expires) {

    Version provedBy(ReadProof proof) {
      return new Version(data, number, createdAt, readAt, proof.provedAt(readAt), expires);
    }

    public void failIfItExpires(String location, String mount, String path) {
      if (!expires.isEmpty()) {
        throw new LatchkeyException(
            "%s will be deleted at %s: delete_version_after is set for the mount or the path"
                .formatted(location, expires),
            ("Remove it: `vault write %1$s/config delete_version_after=-1s`, `vault kv metadata put"
                    + " -mount=%1$s -delete-version-after=0s %2$s`. Then keep this version: `vault kv"
                    + " undelete -mount=%1$s -versions=%3$d %2$s`.")
                .formatted(mount, path, number));
      }
    }

    @Override
    public String toString() {
      return "Version[number=%d, createdAt=%s]".formatted(number, createdAt);
    }
  }
}
