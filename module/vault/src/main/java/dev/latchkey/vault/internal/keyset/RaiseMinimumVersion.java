package dev.latchkey.vault.internal.keyset;

import java.util.function.BooleanSupplier;

/** Disables older versions of a Transit key. An operator can lower the minimum again. */
final class RaiseMinimumVersion implements OperatorStep {

  private final TransitVersions versions;
  private final int first;
  private final BooleanSupplier isOlderRejected;

  /**
   * @param first first version to keep
   * @param isOlderRejected whether Vault rejects the previous version for encryption and decryption
   */
  RaiseMinimumVersion(TransitVersions versions, int first, BooleanSupplier isOlderRejected) {
    this.versions = versions;
    this.first = first;
    this.isOlderRejected = isOlderRejected;
  }

  @Override
  public boolean isDone() {
    return isOlderRejected.getAsBoolean();
  }

  @Override
  public boolean attempt() {
    return versions.raiseMinimum(first);
  }

  @Override
  public String command() {
    return versions.command(
        "/config min_decryption_version=%d min_encryption_version=%d".formatted(first, first));
  }

  @Override
  public String requirement() {
    return "%s must reject versions before %d".formatted(versions.path(), first);
  }
}
