package dev.latchkey.autoconfigure;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.crypto.tink.Aead;
import dev.latchkey.LatchkeyException;
import dev.latchkey.keyset.KeysetEditor;
import dev.latchkey.keyset.KeysetId;
import dev.latchkey.keyset.KeysetMetadata;
import dev.latchkey.keyset.KeysetOrigin;
import dev.latchkey.keyset.KeysetTemplate;
import dev.latchkey.keyset.TinkKeyset;
import dev.latchkey.rotation.RotationService;
import dev.latchkey.store.MovableStore;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes an imported keyset the first content of a keyset, and tells whether it did. */
final class KeysetImport implements KeysetOrigin {

  private static final Logger logger = LoggerFactory.getLogger(KeysetImport.class);

  private final String keyset;
  private final ImportFrom from;
  private final Supplier<MovableStore> fileStore;
  private final @Nullable Supplier<Aead> key;

  /** The ids that the keyset was to start with; null where it existed. */
  private volatile @Nullable Set<Long> keyIds;

  /**
   * @param fileStore asked where the keyset comes from an embedded store
   * @param key what a Tink keyset is decrypted with; null if it is in the clear
   */
  KeysetImport(
      String keyset,
      ImportFrom from,
      Supplier<MovableStore> fileStore,
      @Nullable Supplier<Aead> key) {
    this.keyset = keyset;
    this.from = from;
    this.fileStore = fileStore;
    this.key = key;
  }

  @Override
  public KeysetEditor start(KeysetId id, KeysetTemplate template, Duration propagation) {
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
          "Nothing was made. " + ex.action(),
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
   * Tells what became of it, once the keyset is open. Whether it was this that the keyset started
   * with, only its keys tell: another instance may have been first.
   */
  void tell(RotationService rotation) {
    KeysetMetadata held = rotation.find(keyset).orElseThrow().status().snapshot().metadata();
    Optional<String> delete = new ImportedResource(from).whereItStillLies();
    Set<Long> started = keyIds;
    if (started == null && delete.isEmpty()) {
      tellThatItIsIgnored();
      return;
    }
    Set<Long> missing;
    try {
      missing =
          new TreeSet<>(
              started != null ? started : readKeyIds(new KeysetId(held.owner(), held.name())));
    } catch (RuntimeException ex) {
      logger.warn(
          "Keyset {} exists already, and nothing tells whether it holds the keys of {}: {}. Do not"
              + " delete it before that is known; without {}.import-from this is not asked",
          keyset,
          from,
          ex instanceof LatchkeyException ? ex.getMessage() : ex.getClass().getSimpleName(),
          from.property());
      return;
    }
    held.keys().forEach(key -> missing.remove(key.id()));
    if (!missing.isEmpty()) {
      tellWhatIsMissing(missing);
      return;
    }
    if (started != null) {
      logger.info(
          "Keyset {} starts with the keys of {}. Remove {}.import-from: from now on the keyset lies"
              + " in the store alone",
          keyset,
          from,
          from.property());
    } else {
      tellThatItIsIgnored();
    }
    if (from.inTheClear()) {
      delete.ifPresent(
          how ->
              logger.warn(
                  "The keys of keyset {} still lie in the clear at {}. {}", keyset, from, how));
    }
  }

  private void tellThatItIsIgnored() {
    logger.info(
        "Keyset {} exists already: {}.import-from is ignored; remove it", keyset, from.property());
  }

  private void tellWhatIsMissing(Set<Long> missing) {
    logger.warn(
        "Keyset {} exists and does NOT hold key(s) {} of {}: nothing was imported, do not delete"
            + " it. {}",
        keyset,
        missing.stream().map(String::valueOf).collect(Collectors.joining(", ")),
        from,
        from.kind() == ImportFrom.Kind.FILE_STORE
            ? "What is under these keys decrypts only with that store, so keep its key as well:"
                + " re-encrypt it with an application that has latchkey.store.type=file, then"
                + " remove %s.import-from".formatted(from.property())
            : "What is under these keys decrypts only with them: import them into a keyset of"
                + " another name, and remove %s.import-from".formatted(from.property()));
  }
}
