package dev.latchkey.env;

import dev.latchkey.LatchkeyException;
import dev.latchkey.env.SecretLookupException.Failure;
import dev.latchkey.secret.AbsentSecretException;
import dev.latchkey.secret.SecretReference;
import dev.latchkey.secret.SecretSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
 * <p>While an application is processed ahead of time nothing is read: a reference answers with
 * itself, so that what is generated from it still refers to the secret when it runs.
 *
 * @since 0.1
 */
public final class PropertyLookups {

  private final LazyLookups lookups;
  private final SecretTexts secrets = new SecretTexts();
  private final Fallbacks fallbacks = new Fallbacks();
  private volatile ConfigurableEnvironment environment;
  private volatile boolean refreshing;
  private volatile boolean parsedTwice;
  private boolean allRead;

  /**
   * @param source opens what holds the secrets; called once, when the first of them is needed
   */
  public PropertyLookups(ConfigurableEnvironment environment, Supplier<SecretSource> source) {
    this.environment = environment;
    this.lookups = new LazyLookups(source);
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
    context.addApplicationListener(new KeepSourceListener(this));
  }

  void contextRefreshes() {
    refreshing = true;
  }

  /** Puts our property source behind all others of the application's context. */
  void answerInContext() {
    answerIn(environment);
  }

  /**
   * No property source comes after this: whatever cannot be answered fails here.
   *
   * @param parsedTwice whether text in annotations is parsed again after placeholders were resolved
   */
  void environmentIsComplete(boolean parsedTwice) {
    this.parsedTwice = parsedTwice;
    answerInContext();
    if (!isAheadOfTime() && isEnabled()) {
      readAll();
    }
  }

  /**
   * A text is about to be resolved that does not stand in the environment.
   *
   * @throws LatchkeyException if a secret would become a part of a property's name in it, or what
   *     is meant as a reference is none
   */
  void resolves(String text) {
    new RawProperties(environment).refuseMisuse(text, null, null);
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
      return override != null ? override : quote(lookUp(reference));
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
    return lookups.get(reference);
  }

  private String quote(String text) {
    String quoted = Placeholders.quote(text);
    if (!quoted.equals(text) && (parsedTwice || !Placeholders.canBeQuoted())) {
      throw new LatchkeyException(
          "It holds a '${', which would be parsed as a placeholder here",
          "Keep to one PropertySourcesPlaceholderConfigurer and to Spring's default escape"
              + " character, the backslash; or choose a secret without '${'.");
    }
    secrets.givenOut(text);
    return quoted;
  }

  private synchronized void readAll() {
    if (allRead) {
      return;
    }
    List<Failure> failures = new ArrayList<>();
    Map<SecretReference, ReferenceUse> needed = needed(failures);
    Map<SecretReference, LatchkeyException> unread = lookups.readAll(needed.keySet());
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

  /** Every reference that no other property source answers, with a use of it that needs it most. */
  private Map<SecretReference, ReferenceUse> needed(List<Failure> invalid) {
    RawProperties properties = new RawProperties(environment);
    Map<SecretReference, ReferenceUse> needed = new LinkedHashMap<>();
    for (ReferenceUse use : ReferenceUses.in(properties)) {
      try {
        SecretReference reference = SecretReference.parse(use.reference());
        if (properties.override(reference) == null) {
          needed.merge(reference, use, (first, second) -> first.hasFallback() ? second : first);
        }
      } catch (LatchkeyException mistyped) {
        invalid.add(new Failure(use, mistyped));
      }
    }
    return needed;
  }

  private boolean isEnabled() {
    return environment.getProperty("latchkey.enabled", Boolean.class, true);
  }

  private static boolean isAheadOfTime() {
    return Boolean.getBoolean(AbstractAotProcessor.AOT_PROCESSING);
  }

  private static void putLast(ConfigurableEnvironment environment, PropertySource<?> last) {
    MutablePropertySources sources = environment.getPropertySources();
    sources.remove(last.getName());
    sources.addLast(last);
  }
}
