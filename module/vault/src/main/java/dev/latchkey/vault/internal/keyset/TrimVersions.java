package dev.latchkey.vault.internal.keyset;

import java.util.OptionalInt;

/** Permanently removes older versions of a Transit key. */
final class TrimVersions implements OperatorStep {

  private final TransitVersions versions;
  private final int first;
  private final boolean onTrust;
  private OptionalInt available = OptionalInt.empty();

  /**
   * @param first first version to keep
   * @param onTrust whether the step counts as done if the token may not read the key
   */
  TrimVersions(TransitVersions versions, int first, boolean onTrust) {
    this.versions = versions;
    this.first = first;
    this.onTrust = onTrust;
  }

  @Override
  public boolean isDone() {
    available = versions.firstAvailable();
    return available.isPresent() ? available.getAsInt() >= first : onTrust;
  }

  @Override
  public boolean attempt() {
    return versions.trim(first);
  }

  @Override
  public String command() {
    return versions.command("/trim min_available_version=%d".formatted(first));
  }

  @Override
  public String requirement() {
    String trim = "%s must be trimmed to version %d".formatted(versions.path(), first);
    return available.isPresent()
        ? trim
        : trim
            + ", which the token may not verify: allow it to (%s), or confirm with \"force\": true"
                .formatted(versions.readRule());
  }

  String evidence() {
    return available.isPresent()
        ? "%s: trimmed; no version before %d is available."
            .formatted(versions.path(), available.getAsInt())
        : "%s: reported as trimmed to version %d; the token may not verify it."
            .formatted(versions.path(), first);
  }
}
