package dev.latchkey.vault;

import dev.latchkey.keyset.KeysetId;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The policy that an application's token needs, for the application's own names: every line of it
 * is needed, and all of them suffice.
 *
 * @param mount mount of the KV engine that holds the keyset documents
 * @param path path in that mount under which they lie
 * @param transitMount mount of the Transit engine
 * @param keysets the application's keysets
 * @param secrets paths of the secrets that it reads, as the API names them: {@code
 *     secret/data/orders-db} in an engine that keeps versions
 * @since 0.1
 */
public record ApplicationPolicy(
    String mount, String path, String transitMount, List<Keyset> keysets, List<String> secrets) {

  public ApplicationPolicy {
    keysets = List.copyOf(keysets);
    secrets = List.copyOf(secrets);
  }

  /**
   * A keyset of the application.
   *
   * @param id whose, and its name
   * @param createIfAbsent whether the application may make it; otherwise nothing here allows to
   *     create anything
   */
  public record Keyset(KeysetId id, boolean createIfAbsent) {}

  /** The policy's text, in the language of the server. */
  public String text() {
    return lines().stream().map(line -> line + "\n").collect(Collectors.joining());
  }

  List<PolicyLine> lines() {
    List<PolicyLine> lines = new ArrayList<>();
    lines.add(ReadProofs.POLICY);
    for (Keyset keyset : keysets) {
      String document =
          "%s/data/%s/%s/%s".formatted(mount, path, keyset.id().owner(), keyset.id().name());
      String key = TransitKeyEncryptionKeys.name(keyset.id());
      for (String each : List.of(document, document + ".usage")) {
        lines.add(
            keyset.createIfAbsent()
                ? PolicyLine.allowing(each, "create", "read", "update")
                : PolicyLine.allowing(each, "read", "update"));
      }
      lines.add(PolicyLine.allowing(transitMount + "/encrypt/" + key, "update"));
      lines.add(PolicyLine.allowing(transitMount + "/decrypt/" + key, "update"));
      if (keyset.createIfAbsent()) {
        lines.add(PolicyLine.allowing(transitMount + "/keys/" + key, "update"));
      }
    }
    secrets.forEach(secret -> lines.add(PolicyLine.allowing(secret, "read")));
    return lines;
  }
}
