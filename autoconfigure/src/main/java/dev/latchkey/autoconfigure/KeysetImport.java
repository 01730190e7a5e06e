package dev.latchkey.autoconfigure;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.crypto.tink.Aead;
import dev.latchkey.LatchkeyException;
import dev.latchkey.keyset.KeysetEditor;
import dev.latchkey.keyset.KeysetId;
import dev.latchkey.keyset.KeysetOrigin;
import dev.latchkey.keyset.KeysetTemplate;
import dev.latchkey.keyset.TinkKeyset;
import java.time.Duration;
import java.util.Arrays;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes an imported keyset the first content of a keyset, and tells whether it did. */
final class KeysetImport implements KeysetOrigin {

  private static final Logger logger = LoggerFactory.getLogger(KeysetImport.class);

  private final String keyset;
  private final ImportFrom from;
  private final KeysetOrigin fileStore;
  private final @Nullable Supplier<Aead> key;
  private volatile boolean used;

  /**
   * @param fileStore asked where the keyset comes from an embedded store
   * @param key what a Tink keyset is decrypted with; null if it is in the clear
   */
  KeysetImport(
      String keyset, ImportFrom from, KeysetOrigin fileStore, @Nullable Supplier<Aead> key) {
    this.keyset = keyset;
    this.from = from;
    this.fileStore = fileStore;
    this.key = key;
  }

  @Override
  public KeysetEditor start(KeysetId id, KeysetTemplate template, Duration propagation) {
    try {
      KeysetEditor first =
          from.kind() == ImportFrom.Kind.FILE_STORE
              ? fileStore.start(id, template, propagation)
              : startFromTink(id, template, propagation);
      used = true;
      return first;
    } catch (LatchkeyException ex) {
      throw new LatchkeyException(
          "%s.import-from: %s".formatted(from.property(), ex.getMessage()),
          "Nothing was made. " + ex.action(),
          ex);
    }
  }

  private KeysetEditor startFromTink(KeysetId id, KeysetTemplate template, Duration propagation) {
    byte[] content = new ImportedResource(from).read();
    try {
      TinkKeyset tink =
          key == null
              ? TinkKeyset.inTheClear(from.toString(), content)
              : TinkKeyset.encrypted(
                  from.toString(), content, key.get(), from.associatedData().getBytes(UTF_8));
      return tink.start(id, template, propagation);
    } finally {
      Arrays.fill(content, (byte) 0);
    }
  }

  /** Tells what became of it, once the keyset is open. */
  void tell() {
    if (used) {
      logger.info(
          "Keyset {} starts with the keys of {}. Remove {}.import-from: from now on the keyset lies"
              + " in the store alone",
          keyset,
          from,
          from.property());
    } else {
      logger.info(
          "Keyset {} exists already: {}.import-from is ignored; remove it",
          keyset,
          from.property());
    }
    if (from.inTheClear()) {
      new ImportedResource(from)
          .whereItStillLies()
          .ifPresent(
              delete ->
                  logger.warn(
                      "The keys of keyset {} still lie in the clear at {}. {}",
                      keyset,
                      from,
                      delete));
    }
  }
}
