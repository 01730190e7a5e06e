package dev.latchkey.autoconfigure;

import com.google.crypto.tink.Aead;
import dev.latchkey.LatchkeyException;
import dev.latchkey.keyset.KeyEncryptionKeys;
import dev.latchkey.rotation.KeysetDefinition;
import dev.latchkey.rotation.RotationService;
import dev.latchkey.store.MovableStore;
import dev.latchkey.store.StoreContext;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.core.io.support.SpringFactoriesLoader;

/** Lets keysets start with imported keys, where their properties say so. */
final class KeysetImports {

  private static final String TRANSIT = "transit:";

  private static final Pattern TRANSIT_NAME = Pattern.compile("[A-Za-z0-9._-]{1,128}");

  private final KeyEncryptionKeys keys;
  private final BeanFactory beans;
  private final StoreContext context;
  private final List<KeysetImport> imports = new ArrayList<>();

  /**
   * @param keys may decrypt what is imported
   * @param beans the same
   * @param context the application that imports
   */
  KeysetImports(KeyEncryptionKeys keys, BeanFactory beans, StoreContext context) {
    this.keys = keys;
    this.beans = beans;
    this.context = context;
  }

  KeysetDefinition applyTo(KeysetDefinition definition, LatchkeyProperties.Keyset keyset) {
    return ImportFrom.of(definition.id().name(), keyset)
        .map(from -> definition.startingFrom(add(definition.id().name(), from)))
        .orElse(definition);
  }

  private KeysetImport add(String name, ImportFrom from) {
    KeysetImport added = new KeysetImport(name, from, () -> store(from), key(from));
    imports.add(added);
    return added;
  }

  private MovableStore store(ImportFrom from) {
    return SpringFactoriesLoader.forDefaultResourceLocation(null)
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

  /** Found here, on the thread that makes beans; what is wrong with it is told when it is used. */
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
          "%s.import-key names no key".formatted(from.property()),
          "Give 'transit:' and the name of a Transit key of the server, or the name of a bean of"
              + " type com.google.crypto.tink.Aead, such as one of a KMS; never a key itself.");
    };
  }

  private static LatchkeyException noServer(ImportFrom from) {
    return new LatchkeyException(
        "%s.import-key names a Transit key, but the store is on no server"
            .formatted(from.property()),
        "Use latchkey.store.type=vault, or name a bean of type com.google.crypto.tink.Aead.");
  }

  /** Tells what became of each, once the keysets are open. */
  void tell(RotationService rotation) {
    imports.forEach(each -> each.tell(rotation));
  }
}
