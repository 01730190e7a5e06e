package dev.latchkey.vault.internal.kv;

import dev.latchkey.LatchkeyException;
import dev.latchkey.vault.internal.client.PolicyLine;
import dev.latchkey.vault.internal.client.VaultAnswer;
import dev.latchkey.vault.internal.client.VaultConnection;
import dev.latchkey.vault.internal.client.VaultErrors;

/**
 * A secrets engine as the server describes it.
 *
 * @param path where it is mounted, without a slash at the end; it may have several segments
 * @param type such as {@code kv} or {@code transit}
 * @param version of the KV engine; 1 where the server names none
 */
public record Mount(String path, String type, int version) {

  public boolean isVersionedKeyValue() {
    return type.equals("kv") && version == 2;
  }

  public boolean holds(String other) {
    return other.equals(path) || other.startsWith(path + "/");
  }

  /**
   * How the API names a path in this engine.
   *
   * @param area {@code data} or {@code metadata}, which only engines that keep versions have
   */
  public String apiPath(String area, String path) {
    return isVersionedKeyValue()
        ? "%s/%s/%s".formatted(this.path, area, path.substring(this.path.length() + 1))
        : path;
  }

  /** Asks the server where the mount of a path ends, and what it is. Any valid token may. */
  public static Mount lookUp(VaultConnection connection, String path) {
    VaultErrors refusal =
        new VaultErrors(
            connection,
            "find the mount of " + path,
            path,
            PolicyLine.allowing(path, "read"),
            "Mount a KV engine there (`vault secrets enable -path=%s -version=2 kv`), or correct the"
                    .formatted(firstSegment(path))
                + " path.");
    VaultAnswer answer = connection.get("sys/internal/ui/mounts/" + path);
    if (answer.says("preflight capability check")) {
      throw new LatchkeyException(
          "%s has no secrets engine at %s, or none in which the token's policies allow anything"
              .formatted(connection, path),
          "Correct the mount, the first part of the path (`vault secrets list` shows which there"
              + " are), or add a line for the path to a policy of the application's token, such"
              + " as\n"
              + "  "
              + PolicyLine.allowing(firstSegment(path) + "/data/" + rest(path), "read"));
    }
    String mount = answer.body().at("/data/path").asString("");
    if (answer.status() != 200 || !mount.endsWith("/")) {
      throw refusal.of(answer);
    }
    return new Mount(
        mount.substring(0, mount.length() - 1),
        answer.body().at("/data/type").asString(""),
        answer.body().at("/data/options/version").asInt(1));
  }

  private static String firstSegment(String path) {
    int slash = path.indexOf('/');
    return slash < 0 ? path : path.substring(0, slash);
  }

  private static String rest(String path) {
    int slash = path.indexOf('/');
    return slash < 0 ? "*" : path.substring(slash + 1);
  }
}
