package dev.latchkey.autoconfigure;

import dev.latchkey.LatchkeyException;
import dev.latchkey.autoconfigure.LatchkeyStoreProperties.Type;
import dev.latchkey.store.memory.MemoryKeyEncryptionKeys;
import dev.latchkey.store.memory.MemoryKeysetStore;
import dev.latchkey.store.memory.MemorySecretSource;
import java.time.Clock;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.core.env.ConfigurableEnvironment;

/** Decides which store keeps keys and secrets, and opens it. */
final class BackendFactory {

  private final ConfigurableEnvironment environment;

  BackendFactory(ConfigurableEnvironment environment) {
    this.environment = environment;
  }

  Backend create() {
    LatchkeyStoreProperties properties =
        Binder.get(environment).bindOrCreate("latchkey.store", LatchkeyStoreProperties.class);
    Type type = properties.type();
    if (type == Type.MEMORY) {
      return memory();
    }
    throw new LatchkeyException(
        "The store '%s' cannot be opened yet".formatted(type), "Set latchkey.store.type=memory.");
  }

  private static Backend memory() {
    return new Backend(
        "memory",
        new MemoryKeysetStore(Clock.systemUTC()),
        new MemoryKeyEncryptionKeys(),
        new MemorySecretSource(),
        () -> {});
  }
}
