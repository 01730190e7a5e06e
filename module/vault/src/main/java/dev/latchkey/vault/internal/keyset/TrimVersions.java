package dev.latchkey.vault.internal.keyset;

import java.util.OptionalInt;

/** That older versions of a Transit key are removed for good. */
final class TrimVersions implements OperatorStep {

  private final TransitVersions versions;
  private final int first;
  private final boolean onTrust;
  private final Shell shell;
  private OptionalInt available = OptionalInt.empty();

  /**
   * @param first the first version that stays
   * @param onTrust whether it is taken for done where the token may not see it
   */
  TrimVersions(TransitVersions versions, int first, boolean onTrust, Shell shell) {
    this.versions = versions;
    this.first = first;
    this.onTrust = onTrust;
    this.shell = shell;
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
    return shell.command(
        "write", "%s/trim min_available_version=%d".formatted(versions.path(), first));
  }

  @Override
  public String what() {
    String needed = "%s has to be trimmed to version %d".formatted(versions.path(), first);
    return available.isPresent()
        ? needed
        : needed
            + ", which the token may not see: allow it to (%s), or say with \"force\": true that it is done"
                .formatted(versions.toSee());
  }

  String evidence() {
    return available.isPresent()
        ? "%s: trimmed; nothing before version %d is available."
            .formatted(versions.path(), available.getAsInt())
        : "%s: said to be trimmed to version %d; the token may not see it."
            .formatted(versions.path(), first);
  }
}
