package dev.latchkey.autoconfigure;

import dev.latchkey.LatchkeyException;
import dev.latchkey.autoconfigure.LatchkeyStoreProperties.Type;
import dev.latchkey.key.document.KeysetErasure;
import dev.latchkey.store.file.FileStore;
import dev.latchkey.store.file.Host;
import dev.latchkey.store.memory.MemoryKeyEncryptionKeys;
import dev.latchkey.store.memory.MemoryKeysetStore;
import dev.latchkey.store.memory.MemorySecretSource;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.bootstrap.BootstrapContext;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.util.ClassUtils;
import org.springframework.util.StringUtils;

/** Opens the store that keeps keys and secrets. */
final class BackendFactory {

  private static final String PREFIX = "latchkey.store";

  /** What a 256-bit key looks like: it must not end up in a message. */
  private static final Pattern KEY = Pattern.compile("[A-Za-z0-9+/_-]{43}=?|[0-9a-fA-F]{64}");

  private final ConfigurableEnvironment environment;
  private final Host host;
  private final boolean inContainer;
  private final Clock clock;
  private final @Nullable BootstrapContext bootstrapContext;

  /**
   * @param bootstrapContext may have what the application registered to log in to Vault with
   */
  BackendFactory(
      ConfigurableEnvironment environment,
      Host host,
      boolean inContainer,
      Clock clock,
      @Nullable BootstrapContext bootstrapContext) {
    this.environment = environment;
    this.host = host;
    this.inContainer = inContainer;
    this.clock = clock;
    this.bootstrapContext = bootstrapContext;
  }

  Backend create() {
    LatchkeyStoreProperties properties = properties();
    Type type = properties.type();
    if (type == null) {
      type = new StoreSelection(environment, inContainer).select();
    }
    return switch (type) {
      case VAULT -> vault(properties.vault());
      case FILE -> file(properties.file());
      case MEMORY -> memory();
    };
  }

  private Backend vault(LatchkeyStoreProperties.Vault properties) {
    if (!ClassUtils.isPresent("org.springframework.vault.core.VaultTemplate", null)) {
      throw new LatchkeyException(
          "Spring Vault is not on the class path, which latchkey.store.type=vault needs",
          "Add the dependency org.springframework.vault:spring-vault-core, which comes with"
              + " latchkey-spring-boot-starter.");
    }
    return new VaultBackendFactory(environment, properties, bootstrapContext).create();
  }

  private Backend file(LatchkeyStoreProperties.File properties) {
    FileStore store = FileStore.open(directory(properties), key(properties), host, clock);
    return new Backend(
        "file",
        store.keysets(),
        store.counters(),
        store.publicHalves(),
        store.keyEncryptionKeys(),
        store.erasure(),
        store.secrets(),
        store::close);
  }

  private Backend memory() {
    return new Backend(
        "memory",
        new MemoryKeysetStore(clock),
        new MemoryKeysetStore(clock, ".usage"),
        new MemoryKeysetStore(clock, ".public"),
        new MemoryKeyEncryptionKeys(),
        KeysetErasure.nothingLeft(),
        new MemorySecretSource(),
        () -> {});
  }

  private LatchkeyStoreProperties properties() {
    try {
      return Binder.get(environment).bindOrCreate(PREFIX, LatchkeyStoreProperties.class);
    } catch (BindException ex) {
      ConfigurationProperty property = ex.getProperty();
      if (property == null || !property.getName().toString().equals(PREFIX + ".type")) {
        throw ex;
      }
      throw new LatchkeyException(
          "%s.type is '%s'%s, which is no store"
              .formatted(PREFIX, property.getValue(), origin(property)),
          "Set it to 'vault', 'file' or 'memory'.",
          ex);
    }
  }

  private static Path directory(LatchkeyStoreProperties.File properties) {
    try {
      if (StringUtils.hasText(properties.directory())) {
        return Path.of(properties.directory());
      }
    } catch (InvalidPathException ex) {
      // reported below, as an empty one is
    }
    throw new LatchkeyException(
        "latchkey.store.file.directory is '%s', which is no path".formatted(properties.directory()),
        "Set it to a directory, or remove it for '%s'."
            .formatted(LatchkeyStoreProperties.File.DEFAULT_DIRECTORY));
  }

  /** Whatever it is, it is not shown unless it is a path: it may be a key. */
  static @Nullable Path key(LatchkeyStoreProperties.File properties) {
    String key = properties.key();
    if (key == null) {
      return null;
    }
    try {
      Path path = Path.of(key);
      if (path.isAbsolute() && !KEY.matcher(key).matches()) {
        return path;
      }
    } catch (InvalidPathException ex) {
      // reported below, as a relative one is
    }
    throw new LatchkeyException(
        "latchkey.store.file.key is not the absolute path of a file",
        "Set it to the path of a file outside the application's directories, never to a key"
            + " itself; or remove it, and the key is kept in your home directory.");
  }

  private static String origin(ConfigurationProperty property) {
    return property.getOrigin() == null ? "" : " (%s)".formatted(property.getOrigin());
  }
}
