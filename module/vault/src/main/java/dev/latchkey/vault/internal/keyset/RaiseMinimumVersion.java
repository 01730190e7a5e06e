package dev.latchkey.vault.internal.keyset;

import java.util.function.BooleanSupplier;

/** That older versions of a Transit key encrypt and decrypt nothing more. Can be taken back. */
final class RaiseMinimumVersion implements OperatorStep {

  private final TransitVersions versions;
  private final int first;
  private final BooleanSupplier refusesOlder;
  private final Shell shell;

  /**
   * @param first the first version that stays
   * @param refusesOlder whether the server refuses what the version before made, and to encrypt
   *     under it
   */
  RaiseMinimumVersion(
      TransitVersions versions, int first, BooleanSupplier refusesOlder, Shell shell) {
    this.versions = versions;
    this.first = first;
    this.refusesOlder = refusesOlder;
    this.shell = shell;
  }

  @Override
  public boolean isDone() {
    return refusesOlder.getAsBoolean();
  }

  @Override
  public boolean attempt() {
    return versions.raiseMinimum(first);
  }

  @Override
  public String command() {
    return shell.command(
        "write",
        "%s/config min_decryption_version=%d min_encryption_version=%d"
            .formatted(versions.path(), first, first));
  }

  @Override
  public String what() {
    return "%s has to refuse what versions before %d made".formatted(versions.path(), first);
  }
}
