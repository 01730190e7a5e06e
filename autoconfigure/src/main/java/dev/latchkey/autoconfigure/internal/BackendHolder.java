package dev.latchkey.autoconfigure.internal;

import dev.latchkey.LatchkeyException;
import dev.latchkey.follow.internal.Followers;
import dev.latchkey.secret.SecretSource;
import dev.latchkey.secret.rotating.internal.PinnedSecretSource;
import dev.latchkey.store.Backend;
import java.time.Clock;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.support.DefaultSingletonBeanRegistry;
import org.springframework.boot.bootstrap.BootstrapContext;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.ApplicationListener;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.env.ConfigurableEnvironment;

/**
 * The one {@link Backend} of an application, opened on first need, which may be long before there
 * are beans. It becomes a bean later, and is closed after all others.
 */
public final class BackendHolder implements AutoCloseable {

  static final String BEAN_NAME = "latchkeyBackendHolder";

  private final @Nullable BootstrapContext bootstrapContext;
  private volatile ConfigurableEnvironment environment;
  private final Followers followers = new Followers(Clock.systemUTC());
  private @Nullable Backend backend;
  private @Nullable PinnedSecretSource lookups;
  private boolean started;
  private boolean closed;

  BackendHolder(ConfigurableEnvironment environment) {
    this(environment, null);
  }

  /**
   * @param bootstrapContext may hold a backend, or a way to log in to Vault, that the application
   *     registered with a {@link org.springframework.boot.bootstrap.BootstrapRegistryInitializer}
   */
  public BackendHolder(
      ConfigurableEnvironment environment, @Nullable BootstrapContext bootstrapContext) {
    this.environment = environment;
    this.bootstrapContext = bootstrapContext;
  }

  /**
   * @throws LatchkeyException if the application has stopped, since nothing would close the backend
   */
  synchronized Backend get() {
    if (closed) {
      throw new LatchkeyException(
          "Latchkey's store is closed: the application has stopped",
          "Use keys and secrets only while the application runs.");
    }
    if (backend == null) {
      Backend registered =
          bootstrapContext != null ? bootstrapContext.getOrElse(Backend.class, null) : null;
      backend = registered != null ? registered : Backend.create(environment, bootstrapContext);
      if (started) {
        backend.startupIsOver();
      }
    }
    return backend;
  }

  /** The context may have another environment than the one the application was prepared with. */
  public void becomeBeanOf(ConfigurableApplicationContext context) {
    environment = context.getEnvironment();
    context.getBeanFactory().registerSingleton(BEAN_NAME, this);
    if (context.getBeanFactory() instanceof DefaultSingletonBeanRegistry registry) {
      registry.registerDisposableBean(BEAN_NAME, this::close);
    }
    context.addApplicationListener(new ReadyListener());
  }

  private synchronized void startupIsOver() {
    started = true;
    if (backend != null) {
      backend.startupIsOver();
    }
  }

  private final class ReadyListener implements ApplicationListener<ApplicationReadyEvent> {

    @Override
    public void onApplicationEvent(ApplicationReadyEvent event) {
      startupIsOver();
    }
  }

  /** Answers references in properties: a value stays the same for the life of the process. */
  public synchronized SecretSource lookups() {
    if (lookups == null) {
      lookups = new PinnedSecretSource(get().secrets(), followers, Clock.systemUTC());
    }
    return lookups;
  }

  /** Follows the application's secrets and keysets. */
  public Followers followers() {
    return followers;
  }

  @Override
  public synchronized void close() {
    closed = true;
    if (lookups != null) {
      lookups.close();
    }
    followers.close();
    if (backend != null) {
      backend.close();
      backend = null;
    }
  }
}
