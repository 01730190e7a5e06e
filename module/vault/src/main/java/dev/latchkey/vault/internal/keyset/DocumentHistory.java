package dev.latchkey.vault.internal.keyset;

import dev.latchkey.vault.internal.client.PolicyLine;
import dev.latchkey.vault.internal.client.VaultAnswer;
import dev.latchkey.vault.internal.client.VaultConnection;
import dev.latchkey.vault.internal.client.VaultErrors;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;

/** All versions of one path in a KV engine, as its metadata tells of them. */
final class DocumentHistory {

  private final VaultConnection connection;
  private final String mount;
  private final String path;

  DocumentHistory(VaultConnection connection, String mount, String path) {
    this.connection = connection;
    this.mount = mount;
    this.path = path;
  }

  /** Whether each version before {@code end} that the engine still knows is destroyed. */
  Map<Long, Boolean> destroyedBefore(long end) {
    String api = mount + "/metadata/" + path;
    VaultAnswer answer = connection.get(api);
    JsonNode versions = answer.body().at("/data/versions");
    if (answer.status() != 200 || !versions.isObject()) {
      throw refusal("read the versions of " + location(), api, "read").of(answer);
    }
    Map<Long, Boolean> destroyed = new TreeMap<>();
    versions.forEachEntry(
        (number, version) -> {
          if (Long.parseLong(number) < end) {
            destroyed.put(Long.valueOf(number), version.path("destroyed").asBoolean(false));
          }
        });
    return destroyed;
  }

  /** Destroys versions; false if that is denied. That it is done has to be read. */
  boolean destroy(List<Long> versions) {
    String api = mount + "/destroy/" + path;
    VaultAnswer answer = connection.post(api, Map.of("versions", versions));
    if (answer.status() == 403) {
      return false;
    }
    if (!answer.isSuccess()) {
      throw refusal("destroy versions of " + location(), api, "update").of(answer);
    }
    connection.proofs().renew(); // no node answers that does not know of it
    return true;
  }

  String mount() {
    return mount;
  }

  String path() {
    return path;
  }

  String location() {
    return mount + "/" + path;
  }

  private VaultErrors refusal(String attempt, String api, String capability) {
    return new VaultErrors(
        connection,
        attempt,
        api,
        PolicyLine.allowing(api, capability),
        "Correct latchkey.store.vault.mount.");
  }
}
