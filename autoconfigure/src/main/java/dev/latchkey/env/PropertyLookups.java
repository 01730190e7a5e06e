package dev.latchkey.env;

import dev.latchkey.LatchkeyException;
import dev.latchkey.env.SecretLookupException.Failure;
import dev.latchkey.secret.AbsentSecretException;
import dev.latchkey.secret.SecretLookups;
import dev.latchkey.secret.SecretReference;
import dev.latchkey.secret.SecretSource;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.aot.AbstractAotProcessor;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MutablePropertySources;
import org.springframework.core.env.PropertySource;

/**
 * Answers the {@code vault@} references in one application's properties.
 *
 * <p>Until the application context refreshes, a reference is looked up by itself when it is asked
 * for, since property sources may still be added. From then on the first one that is asked for
 * makes all of them be read together; at the latest they are read when the environment is complete,
 * before any bean is made.
 *
 * @since 0.1
 */
public final class PropertyLookups {

  private static final int MAX_CONNECTIONS = 16;

  private final Supplier<SecretSource> source;
  private final SecretTexts secrets = new SecretTexts();
  private final Fallbacks fallbacks = new Fallbacks();
  private volatile ConfigurableEnvironment environment;
  private volatile boolean refreshing;
  private @Nullable SecretLookups lookups;
  private boolean opening;
  private boolean allRead;

  /**
   * @param source opens what holds the secrets; called once, when the first of them is needed
   */
  public PropertyLookups(ConfigurableEnvironment environment, Supplier<SecretSource> source) {
    this.environment = environment;
    this.source = source;
  }

  /** Refuses references in an environment whose configuration files are yet to be found. */
  public static void refuseIn(ConfigurableEnvironment environment) {
    putLast(environment, new TooEarlyPropertySource());
  }

  /** Answers references from now on. */
  public void answerIn(ConfigurableEnvironment environment) {
    putLast(environment, new ReferencePropertySource(this));
  }

  /** Takes part in the refresh of the application's context, whose environment may be a new one. */
  public void takePartIn(ConfigurableApplicationContext context) {
    environment = context.getEnvironment();
    context.getBeanFactory().registerSingleton("latchkeyPropertyLookups", this);
    context.addBeanFactoryPostProcessor(new LookupsPostProcessor(this, secrets, environment));
  }

  void contextRefreshes() {
    refreshing = true;
  }

  /** No property source comes after this: whatever cannot be answered fails here. */
  void environmentIsComplete() {
    answerIn(environment);
    if (!isAheadOfTime() && isEnabled()) {
      readAll();
    }
  }

  /**
   * A text is about to be resolved that does not stand in the environment.
   *
   * @throws LatchkeyException if a secret would become a part of a property's name in it
   */
  void resolves(String text) {
    new RawProperties(environment).refuseSecretsInNames(text, null, null);
    secrets.startResolving(text);
    fallbacks.noteIn(text);
  }

  /**
   * The text for a placeholder's name, quoted such that Spring parses nothing in it.
   *
   * @return null if a fallback applies, or is still part of the name: Spring asks for the whole
   *     text first
   * @throws LatchkeyException if there is no answer and no fallback
   */
  @Nullable String answer(String name) {
    if (isAheadOfTime()) {
      return Placeholders.quote("${" + name + "}");
    }
    int separator = Placeholders.separator(name);
    if (separator >= 0) {
      fallbacks.announce(name.substring(0, separator));
      return null;
    }
    boolean hasFallback = fallbacks.wasAnnounced(name);
    RawProperties properties = new RawProperties(environment);
    try {
      SecretReference reference = SecretReference.parse(name);
      String override = properties.override(reference);
      if (override != null) {
        return override;
      }
      String text = lookUp(reference);
      secrets.givenOut(text);
      return Placeholders.quote(text);
    } catch (AbsentSecretException absent) {
      List<ReferenceUse> uses = ReferenceUses.in(properties);
      if (hasFallback || fallbacks.isNestedIn(uses, name)) {
        return null;
      }
      throw SecretLookupException.of(name, uses, absent);
    } catch (SecretLookupException failure) {
      throw failure;
    } catch (LatchkeyException failure) {
      throw SecretLookupException.of(name, ReferenceUses.in(properties), failure);
    }
  }

  /** Whether a text is a secret that was given out, or holds one. */
  boolean gaveOut(String text) {
    return secrets.areIn(text);
  }

  private String lookUp(SecretReference reference) {
    if (!isEnabled()) {
      throw new LatchkeyException(
          "Latchkey is switched off by latchkey.enabled=false",
          "Switch it on, or give the value yourself: as the property that refers to it, or as one"
              + " named '%s'.".formatted(reference));
    }
    if (refreshing) {
      readAll();
    }
    return open().get(reference);
  }

  private synchronized void readAll() {
    if (allRead) {
      return;
    }
    RawProperties properties = new RawProperties(environment);
    List<Failure> failures = new ArrayList<>();
    Map<SecretReference, ReferenceUse> needed = new LinkedHashMap<>();
    List<ReferenceUse> uses = ReferenceUses.in(properties);
    for (ReferenceUse use : uses) {
      try {
        SecretReference reference = SecretReference.parse(use.reference());
        if (properties.override(reference) == null) {
          needed.merge(reference, use, (first, second) -> first.hasFallback() ? second : first);
        }
      } catch (LatchkeyException invalid) {
        failures.add(new Failure(use, invalid));
      }
    }
    Map<SecretReference, LatchkeyException> unread =
        needed.isEmpty() ? Map.of() : read(needed.keySet());
    needed.forEach(
        (reference, use) -> {
          LatchkeyException failure = unread.get(reference);
          if (failure != null && !(failure instanceof AbsentSecretException && use.hasFallback())) {
            failures.add(new Failure(use, failure));
          }
        });
    if (!failures.isEmpty()) {
      throw new SecretLookupException(failures);
    }
    allRead = true;
  }

  private Map<SecretReference, LatchkeyException> read(Set<SecretReference> references) {
    ExecutorService executor =
        Executors.newFixedThreadPool(Math.min(MAX_CONNECTIONS, references.size()));
    try {
      return open().readAll(references, executor);
    } finally {
      executor.shutdown();
    }
  }

  private synchronized SecretLookups open() {
    if (lookups == null) {
      if (opening) {
        throw new LatchkeyException(
            "It is needed to reach the store that holds it",
            "latchkey.* cannot hold a reference in what says where secrets lie and how to log in."
                + " Give that value yourself, such as from an environment variable or a file.");
      }
      opening = true;
      try {
        lookups = new SecretLookups(source.get(), new SecureRandom());
      } finally {
        opening = false;
      }
    }
    return lookups;
  }

  private boolean isEnabled() {
    return environment.getProperty("latchkey.enabled", Boolean.class, true);
  }

  private static boolean isAheadOfTime() {
    return Boolean.getBoolean(AbstractAotProcessor.AOT_PROCESSING);
  }

  private static void putLast(
      ConfigurableEnvironment environment, PropertySource<?> propertySource) {
    MutablePropertySources sources = environment.getPropertySources();
    sources.remove(ReferencePropertySource.NAME);
    sources.addLast(propertySource);
  }
}
