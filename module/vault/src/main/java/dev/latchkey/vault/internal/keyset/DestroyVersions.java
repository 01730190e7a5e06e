package dev.latchkey.vault.internal.keyset;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** That older versions of a document are destroyed. An answer of 204 says nothing of it. */
final class DestroyVersions implements OperatorStep {

  private final DocumentHistory history;
  private final long end;
  private final Shell shell;
  private Map<Long, Boolean> destroyed = Map.of();

  /**
   * @param end the first version that stays
   */
  DestroyVersions(DocumentHistory history, long end, Shell shell) {
    this.history = history;
    this.end = end;
    this.shell = shell;
  }

  @Override
  public boolean isDone() {
    destroyed = history.destroyedBefore(end);
    return left().isEmpty();
  }

  @Override
  public boolean attempt() {
    return history.destroy(left());
  }

  @Override
  public String command() {
    return shell.command(
        "kv destroy",
        "-mount=%s -versions=%s %s".formatted(history.mount(), joined(left()), history.path()));
  }

  @Override
  public String what() {
    return "older versions of %s have to be destroyed".formatted(history.location());
  }

  String evidence() {
    return destroyed.isEmpty()
        ? "%s: no version before %d is kept.".formatted(history.location(), end)
        : "%s: of the versions before %d, all that are kept (%s) are read back as destroyed."
            .formatted(history.location(), end, joined(List.copyOf(destroyed.keySet())));
  }

  private List<Long> left() {
    return destroyed.entrySet().stream()
        .filter(version -> !version.getValue())
        .map(Map.Entry::getKey)
        .toList();
  }

  private static String joined(List<Long> versions) {
    return versions.stream().map(String::valueOf).collect(Collectors.joining(","));
  }
}
