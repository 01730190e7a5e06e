package dev.latchkey.vault.internal.keyset;

import dev.latchkey.vault.internal.client.VaultAnswer;
import dev.latchkey.vault.internal.client.VaultConnection;
import dev.latchkey.vault.internal.client.VaultErrors;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/** Destroys older versions of a document. Only the metadata shows that they are destroyed. */
final class DestroyVersions implements OperatorStep {

  private final VaultConnection connection;
  private final String mount;
  private final String path;
  private final long end;

  /** Versions before {@code end} that the engine still lists, and whether each is destroyed. */
  private Map<Long, Boolean> destroyed = Map.of();

  /**
   * @param mount mount of the KV engine
   * @param path path of the document in the mount
   * @param end first version to keep
   */
  DestroyVersions(VaultConnection connection, String mount, String path, long end) {
    this.connection = connection;
    this.mount = mount;
    this.path = path;
    this.end = end;
  }

  @Override
  public boolean isDone() {
    String api = mount + "/metadata/" + path;
    VaultAnswer answer = connection.get(api);
    JsonNode versions = answer.body().at("/data/versions");
    if (answer.status() != 200 || !versions.isObject()) {
      throw errors("read the versions of " + location(), api, "read").of(answer);
    }
    Map<Long, Boolean> found = new TreeMap<>();
    versions.forEachEntry(
        (number, version) -> {
          if (Long.parseLong(number) < end) {
            found.put(Long.valueOf(number), version.path("destroyed").asBoolean(false));
          }
        });
    destroyed = found;
    return left().isEmpty();
  }

  @Override
  public boolean attempt() {
    String api = mount + "/destroy/" + path;
    VaultAnswer answer = connection.post(api, Map.of("versions", left()));
    if (answer.isDenied()) {
      return false;
    }
    if (!answer.isSuccess()) {
      throw errors("destroy versions of " + location(), api, "update").of(answer);
    }
    connection.proofs().prove(); // later reads reflect the change
    return true;
  }

  @Override
  public String command() {
    return connection
        .address()
        .command("kv destroy", "-mount=%s -versions=%s %s".formatted(mount, joined(left()), path));
  }

  @Override
  public String requirement() {
    return "older versions of %s must be destroyed".formatted(location());
  }

  String evidence() {
    return destroyed.isEmpty()
        ? "%s: no version before %d remains.".formatted(location(), end)
        : "%s: all remaining versions before %d (%s) are read back as destroyed."
            .formatted(location(), end, joined(destroyed.keySet()));
  }

  private List<Long> left() {
    return destroyed.entrySet().stream()
        .filter(version -> !version.getValue())
        .map(Map.Entry::getKey)
        .toList();
  }

  private String location() {
    return mount + "/" + path;
  }

  private VaultErrors errors(String attempt, String api, String capability) {
    return connection.errors(attempt, api, "Correct latchkey.store.vault.mount.", capability);
  }

  private static String joined(Collection<Long> versions) {
    return versions.stream().map(String::valueOf).collect(Collectors.joining(","));
  }
}
