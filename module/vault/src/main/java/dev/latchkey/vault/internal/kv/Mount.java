package dev.latchkey.vault.internal.kv;

import dev.latchkey.LatchkeyException;
import dev.latchkey.internal.PercentEncoding;
import dev.latchkey.vault.internal.client.PolicyLine;
import dev.latchkey.vault.internal.client.VaultAnswer;
import dev.latchkey.vault.internal.client.VaultConnection;
import dev.latchkey.vault.internal.client.VaultErrors;

/**
 * A mounted secrets engine.
 *
 * @param path path of the mount, without a trailing slash; it can have several segments
 * @param type type of the engine, such as {@code kv} or {@code transit}
 * @param version version of a KV engine; 1 if Vault reports none
 */
public record Mount(String path, String type, int version) {

  public boolean isKeyValue() {
    return type.equals("kv") || type.equals("generic");
  }

  public boolean isVersionedKeyValue() {
    return type.equals("kv") && version == 2;
  }

  public boolean holds(String other) {
    return other.equals(path) || other.startsWith(path + "/");
  }

  /**
   * The API path of a secret in this engine.
   *
   * @param area {@code data} or {@code metadata}; KV version 2 only
   */
  public String apiPath(String area, String path) {
    return isVersionedKeyValue() ? "%s/%s/%s".formatted(this.path, area, rest(path)) : path;
  }

  /** The part of a path after this mount. */
  public String rest(String path) {
    return path.substring(this.path.length() + 1);
  }

  /** Looks up the mount of a path, which any valid token may do. */
  public static Mount lookUp(VaultConnection connection, String path) {
    VaultErrors errors =
        connection.errors(
            "find the mount of " + path,
            path,
            "Mount a KV engine (`vault secrets enable -path=%s -version=2 kv`), or correct the path."
                .formatted(firstSegment(path)),
            "read");
    VaultAnswer answer = connection.get("sys/internal/ui/mounts/" + path);
    if (answer.says("preflight capability check")) {
      throw new LatchkeyException(
          "%s has no secrets engine at %s, or the token's policies allow nothing in it"
              .formatted(connection, path),
          "Correct the mount, which is the first part of the path (`vault secrets list` lists the"
              + " mounts), or add a line to a policy of the application's token. For KV version 2:\n  "
              + PolicyLine.allowing(firstSegment(path) + "/data/" + afterFirstSegment(path), "read")
              + "\nFor any other engine:\n  "
              + PolicyLine.allowing(path, "read"));
    }
    String mount = answer.body().at("/data/path").asString("");
    if (answer.status() != 200 || !mount.endsWith("/")) {
      throw errors.of(answer);
    }
    return new Mount(
        PercentEncoding.encode(mount.substring(0, mount.length() - 1)),
        answer.body().at("/data/type").asString(""),
        answer.body().at("/data/options/version").asInt(1));
  }

  private static String firstSegment(String path) {
    int slash = path.indexOf('/');
    return slash < 0 ? path : path.substring(0, slash);
  }

  private static String afterFirstSegment(String path) {
    int slash = path.indexOf('/');
    return slash < 0 ? "*" : path.substring(slash + 1);
  }
}
