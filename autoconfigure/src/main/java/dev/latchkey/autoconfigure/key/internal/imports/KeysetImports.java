package dev.latchkey.autoconfigure.key.internal.imports;

import com.google.crypto.tink.Aead;
import dev.latchkey.LatchkeyException;
import dev.latchkey.key.KeysetId;
import dev.latchkey.key.KeysetMetadata;
import dev.latchkey.key.KeysetTemplate;
import dev.latchkey.key.document.KeyEncryptionKeys;
import dev.latchkey.key.internal.KeysetEditor;
import dev.latchkey.key.internal.KeysetOrigin;
import dev.latchkey.key.rotation.internal.KeysetDefinition;
import dev.latchkey.store.StoreContext;
import dev.latchkey.store.internal.MovableStore;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.core.io.support.SpringFactoriesLoader;
import org.springframework.util.ClassUtils;

/**
 * Lets keysets start with imported keys. {@link KeysetImport} and what it needs are loaded only
 * while a keyset does not exist, or while the source of an import still exists.
 */
public final class KeysetImports {

  private static final Logger logger = LoggerFactory.getLogger(KeysetImports.class);

  private static final String TRANSIT = "transit:";

  private static final Pattern TRANSIT_NAME = Pattern.compile("[A-Za-z0-9._-]{1,128}");

  private final Map<String, ImportFrom> sources;
  private final KeyEncryptionKeys keys;
  private final BeanFactory beans;
  private final StoreContext context;
  private final Map<String, Origin> origins = new LinkedHashMap<>();

  /**
   * @param sources sources of imports by name of keyset
   * @param keys may hold the key that decrypts an imported keyset
   * @param beans may hold the key that decrypts an imported keyset
   */
  public KeysetImports(
      Map<String, ImportFrom> sources,
      KeyEncryptionKeys keys,
      BeanFactory beans,
      StoreContext context) {
    this.sources = sources;
    this.keys = keys;
    this.beans = beans;
    this.context = context;
  }

  /** Lets a keyset start with the keys of its source, if it has one and does not exist. */
  public KeysetDefinition add(KeysetDefinition definition) {
    ImportFrom from = sources.get(definition.id().name());
    if (from == null) {
      return definition;
    }
    Origin origin = new Origin(from, key(from));
    origins.put(definition.id().name(), origin);
    return definition.startingFrom(origin);
  }

  /**
   * Reports the outcome of each import once the keysets are open.
   *
   * @param held metadata of a keyset by name
   */
  public void report(Function<String, KeysetMetadata> held) {
    origins.forEach((name, origin) -> origin.report(held.apply(name)));
  }

  /**
   * Finds the key here, on the thread that creates beans. An invalid key is refused only when it is
   * used.
   */
  private @Nullable Supplier<Aead> key(ImportFrom from) {
    String key = from.key();
    if (key == null) {
      return null;
    }
    String name = key.startsWith(TRANSIT) ? key.substring(TRANSIT.length()) : "";
    if (TRANSIT_NAME.matcher(name).matches()) {
      return () -> keys.named(name).orElseThrow(() -> noServer(from));
    }
    if (beans.containsBean(key) && beans.isTypeMatch(key, Aead.class)) {
      Aead bean = beans.getBean(key, Aead.class);
      return () -> bean;
    }
    return () -> {
      throw new LatchkeyException(
          "Invalid %s.import-key: neither a Transit key nor a bean of type Aead"
              .formatted(from.property()),
          "Set it to 'transit:' and the name of a Transit key, or to the name of a bean of type"
              + " com.google.crypto.tink.Aead, such as one backed by a KMS. Never set it to a key"
              + " itself.");
    };
  }

  private static LatchkeyException noServer(ImportFrom from) {
    return new LatchkeyException(
        "%s.import-key names a Transit key, but the store is not on a Vault server"
            .formatted(from.property()),
        "Set latchkey.store.type=vault, or name a bean of type com.google.crypto.tink.Aead.");
  }

  private MovableStore store(ImportFrom from) {
    return SpringFactoriesLoader.forDefaultResourceLocation(ClassUtils.getDefaultClassLoader())
        .load(MovableStore.Provider.class)
        .stream()
        .filter(each -> from.toString().startsWith(each.scheme() + ":"))
        .findFirst()
        .orElseThrow(
            () ->
                new LatchkeyException(
                    "%s.import-from names an embedded store, but latchkey-file is not on the class path"
                        .formatted(from.property()),
                    "Add the dependency dev.latchkey:latchkey-file."))
        .at(from.path(), context);
  }

  private final class Origin implements KeysetOrigin {

    private final ImportFrom from;
    private final @Nullable Supplier<Aead> key;
    private volatile @Nullable KeysetImport started;

    Origin(ImportFrom from, @Nullable Supplier<Aead> key) {
      this.from = from;
      this.key = key;
    }

    @Override
    public KeysetEditor start(KeysetId id, KeysetTemplate template, Duration propagation) {
      KeysetImport starting = open();
      started = starting;
      return starting.start(id, template, propagation);
    }

    private KeysetImport open() {
      return new KeysetImport(from, () -> store(from), key);
    }

    void report(KeysetMetadata held) {
      KeysetImport done = started;
      if (done != null) {
        done.report(held);
      } else if (from.exists()) {
        open().report(held);
      } else {
        logger.info(
            "Keyset {} already exists: ignoring {}.import-from; remove it",
            held.name(),
            from.property());
      }
    }
  }
}
