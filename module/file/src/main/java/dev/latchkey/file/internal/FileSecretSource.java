package dev.latchkey.file.internal;

import dev.latchkey.LatchkeyException;
import dev.latchkey.WriteConflictException;
import dev.latchkey.file.internal.StoreContents.Secret;
import dev.latchkey.file.internal.StoreFile.Change;
import dev.latchkey.secret.SecretSource;
import dev.latchkey.secret.SecretValue;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Stores secrets in the store's file: the ten newest versions of each path, like Vault. */
final class FileSecretSource implements SecretSource {

  private static final Logger logger = LoggerFactory.getLogger(FileSecretSource.class);

  private final StoreFile file;
  private final Clock clock;
  private final AtomicBoolean warned = new AtomicBoolean();

  FileSecretSource(StoreFile file, Clock clock) {
    this.file = file;
    this.clock = clock;
  }

  @Override
  public Optional<SecretValue> read(String path, @Nullable Long version) {
    warnOnce();
    List<Secret> versions = file.read().versions(path);
    if (versions.isEmpty()) {
      return Optional.empty();
    }
    Secret newest = versions.get(versions.size() - 1);
    if (version == null) {
      return Optional.of(value(path, newest));
    }
    return Optional.of(
        versions.stream()
            .filter(secret -> secret.version() == version)
            .findFirst()
            .map(secret -> value(path, secret))
            .orElseThrow(() -> versionMissing(path, version, versions.get(0), newest)));
  }

  @Override
  public void write(String path, Map<String, @Nullable Object> fields, long expectedVersion) {
    file.update(
        contents -> {
          List<Secret> versions = contents.versions(path);
          long version = versions.isEmpty() ? 0 : versions.get(versions.size() - 1).version();
          if (version != expectedVersion) {
            throw new WriteConflictException(path, expectedVersion);
          }
          Secret next = new Secret(fields, version + 1, clock.instant());
          return new Change<>(contents.with(path, next), next);
        });
  }

  @Override
  public String description() {
    return file.toString();
  }

  /** Waits until logging is initialized, since the first reads come before that. */
  private void warnOnce() {
    if (logger.isWarnEnabled() && warned.compareAndSet(false, true)) {
      logger.warn(
          "Reading secrets from the {}, which is local to this machine and user. For shared or"
              + " protected secrets, set latchkey.store.type=vault",
          file);
    }
  }

  private static SecretValue value(String path, Secret secret) {
    return SecretValue.keyValue(path, secret.fields(), secret.version());
  }

  private LatchkeyException versionMissing(
      String path, long version, Secret oldest, Secret newest) {
    return new LatchkeyException(
        "%s has no version %d in the %s".formatted(path, version, file),
        "Use a version from %d to %d, or omit it for the newest."
            .formatted(oldest.version(), newest.version()));
  }
}
