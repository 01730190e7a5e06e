package dev.latchkey.autoconfigure.key.internal.imports;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.crypto.tink.Aead;
import dev.latchkey.LatchkeyException;
import dev.latchkey.key.KeysetId;
import dev.latchkey.key.KeysetMetadata;
import dev.latchkey.key.KeysetTemplate;
import dev.latchkey.key.internal.KeysetEditor;
import dev.latchkey.key.internal.tink.TinkKeyset;
import dev.latchkey.store.internal.MovableStore;
import java.time.Duration;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Starts a keyset with imported keys, and reports whether the keyset holds them. */
final class KeysetImport {

  private static final Logger logger = LoggerFactory.getLogger(KeysetImport.class);

  private final ImportFrom from;
  private final Supplier<MovableStore> fileStore;
  private final @Nullable Supplier<Aead> key;

  /** IDs of the keys that the keyset was to start with; null if the keyset existed. */
  private volatile @Nullable Set<Long> keyIds;

  /**
   * @param fileStore opens the embedded store that the keyset comes from
   * @param key decrypts a Tink keyset; null if that is in cleartext
   */
  KeysetImport(ImportFrom from, Supplier<MovableStore> fileStore, @Nullable Supplier<Aead> key) {
    this.from = from;
    this.fileStore = fileStore;
    this.key = key;
  }

  KeysetEditor start(KeysetId id, KeysetTemplate template, Duration propagation) {
    try {
      if (from.kind() == ImportFrom.Kind.FILE_STORE) {
        MovableStore store = fileStore.get();
        keyIds = store.keyIds(id);
        return store.start(id, template, propagation);
      }
      return withTink(
          tink -> {
            keyIds = tink.keyIds();
            return tink.start(id, template, propagation);
          });
    } catch (LatchkeyException ex) {
      throw new LatchkeyException(
          "%s.import-from: %s".formatted(from.property(), ex.getMessage()),
          "No keyset was created. " + ex.action(),
          ex);
    }
  }

  private <T> T withTink(Function<TinkKeyset, T> use) {
    byte[] content = new ImportedResource(from).read();
    try {
      return use.apply(
          key == null
              ? TinkKeyset.inTheClear(from.toString(), content)
              : TinkKeyset.encrypted(
                  from.toString(), content, key.get(), from.associatedData().getBytes(UTF_8)));
    } finally {
      Arrays.fill(content, (byte) 0);
    }
  }

  private Set<Long> readKeyIds(KeysetId id) {
    return from.kind() == ImportFrom.Kind.FILE_STORE
        ? fileStore.get().keyIds(id)
        : withTink(TinkKeyset::keyIds);
  }

  /**
   * Reports the outcome once the keyset is open. Only its keys show whether it started with the
   * imported ones: another instance may have created it first.
   */
  void report(KeysetMetadata held) {
    Set<Long> started = keyIds;
    Set<Long> missing;
    try {
      missing =
          new TreeSet<>(
              started != null ? started : readKeyIds(new KeysetId(held.owner(), held.name())));
    } catch (RuntimeException ex) {
      logger.warn(
          "Keyset {} already exists; could not check whether it holds the keys of {}: {}. Keep {}"
              + " until that is known. To skip this check, remove {}.import-from",
          held.name(),
          from,
          ex instanceof LatchkeyException ? ex.getMessage() : ex.getClass().getSimpleName(),
          from,
          from.property());
      return;
    }
    held.keys().forEach(key -> missing.remove(key.id()));
    if (!missing.isEmpty()) {
      reportMissing(held.name(), missing);
      return;
    }
    if (started != null) {
      logger.info(
          "Keyset {} starts with the keys of {}. Remove {}.import-from",
          held.name(),
          from,
          from.property());
    } else {
      logger.info(
          "Keyset {} already exists and holds the keys of {}: ignoring {}.import-from; remove it",
          held.name(),
          from,
          from.property());
    }
    if (from.inTheClear() && from.exists()) {
      logger.warn(
          "The keys of keyset {} are still in cleartext at {}. {}",
          held.name(),
          from,
          from.kind() == ImportFrom.Kind.CLASSPATH
              ? "Remove it from the application's archive"
              : "Delete it: shred -u '%s'".formatted(from.path()));
    }
  }

  private void reportMissing(String keyset, Set<Long> missing) {
    logger.warn(
        "Keyset {} exists and does NOT hold key(s) {} of {}: nothing was imported. Keep {}. {}",
        keyset,
        missing.stream().map(String::valueOf).collect(Collectors.joining(", ")),
        from,
        from,
        from.kind() == ImportFrom.Kind.FILE_STORE
            ? "Data encrypted with these keys needs that store and its key file: re-encrypt it with"
                + " an application that has latchkey.store.type=file, then remove %s.import-from"
                    .formatted(from.property())
            : "Data encrypted with these keys needs them: import them into a keyset with another"
                + " name, and remove %s.import-from".formatted(from.property()));
  }
}
