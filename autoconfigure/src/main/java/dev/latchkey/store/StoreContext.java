package dev.latchkey.store;

import java.time.Clock;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.bootstrap.BootstrapContext;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.core.env.ConfigurableEnvironment;

/**
 * The application that a store is opened for. There may be no beans yet.
 *
 * @param bootstrapContext contains objects that the application registered with a {@link
 *     org.springframework.boot.bootstrap.BootstrapRegistryInitializer}; null outside of a {@code
 *     SpringApplication}
 * @since 0.1
 */
public record StoreContext(
    ConfigurableEnvironment environment, Clock clock, @Nullable BootstrapContext bootstrapContext) {

  /** Binds properties to a type, with its defaults. */
  public <T> T bind(String prefix, Class<T> type) {
    return Binder.get(environment).bindOrCreate(prefix, type);
  }

  /** The instance that the application registered for this startup, or null. */
  public <T> @Nullable T registered(Class<T> type) {
    return bootstrapContext != null ? bootstrapContext.getOrElse(type, null) : null;
  }
}
