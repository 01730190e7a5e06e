package dev.latchkey.env.internal;

import dev.latchkey.env.SecretLookupException;
import dev.latchkey.env.internal.imports.ImportedFields;
import dev.latchkey.env.internal.imports.SecretConfigDataResource;
import dev.latchkey.env.internal.text.Placeholders;
import dev.latchkey.env.internal.text.SecretTexts;
import dev.latchkey.LatchkeyException;
import dev.latchkey.secret.AbsentSecretException;
import dev.latchkey.secret.SecretReference;
import dev.latchkey.secret.SecretSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
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
 * for, since property sources may still be added. From then on all of them are read together, in
 * the background. The first one that is asked for waits for that, and so does the refresh at the
 * latest when the environment is complete, before any bean is made.
 *
 * <p>While an application is processed ahead of time nothing is read: a reference answers with
 * itself, so that what is generated from it still refers to the secret when it runs.
 *
 * @since 0.1
 */
public final class PropertyLookups implements ImportedFields {

  private final LazyLookups lookups;
  private final SecretTexts secrets = new SecretTexts();
  private final Fallbacks fallbacks = new Fallbacks();
  private final Imports imports = new Imports();

  /** Whether the current thread reads: what decides how that is done cannot be imported. */
  private final ThreadLocal<Boolean> importsClosed = ThreadLocal.withInitial(() -> false);

  private volatile ConfigurableEnvironment environment;
  private volatile boolean refreshing;
  private volatile boolean parsedTwice;
  private volatile @Nullable LatchkeyException failure;
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

  /** Answers references, and fills imports, from now on. */
  public void answerIn(ConfigurableEnvironment environment) {
    putLast(environment, new ReferencePropertySource(this));
    new RawProperties(environment).imports().forEach(each -> each.answerWith(this));
  }

  /** Takes part in the refresh of the application's context, whose environment may be a new one. */
  public void takePartIn(ConfigurableApplicationContext context) {
    environment = context.getEnvironment();
    context.getBeanFactory().registerSingleton("latchkeyPropertyLookups", this);
    context.addBeanFactoryPostProcessor(new LookupsPostProcessor(this, secrets, environment));
    context.addApplicationListener(new KeepSourceListener(this::answerInContext));
  }

  /** All property sources are there but those in annotations: what they need can be begun. */
  void contextRefreshes() {
    if (!isAheadOfTime() && isEnabled()) {
      lookups.begin(neededSoon());
    }
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
    if (!isAheadOfTime()) {
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
      throw ReferenceUse.failureOf(name, uses, absent);
    } catch (SecretLookupException failure) {
      throw failure;
    } catch (LatchkeyException failure) {
      throw ReferenceUse.failureOf(name, ReferenceUses.in(properties), failure);
    }
  }

  /** Quoted as references are. */
  @Override
  public @Nullable String imported(SecretConfigDataResource resource, String name) {
    Imports.Text text = imported(resource).get(name);
    if (text == null) {
      return null;
    }
    return text.isSecret() ? quote(text.text()) : text.text();
  }

  @Override
  public Set<String> importedNames(SecretConfigDataResource resource) {
    return imported(resource).keySet();
  }

  private Map<String, Imports.Text> imported(SecretConfigDataResource resource) {
    Map<String, Imports.Text> known = imports.get(resource.imported());
    if (known == null
        && refreshing
        && failure == null
        && !importsClosed.get()
        && !lookups.isOpenedHere()
        && !isAheadOfTime()) {
      readAll();
      known = imports.get(resource.imported());
    }
    return known != null ? known : Map.of();
  }

  /** Whether a text is a secret that was given out, or holds one. */
  public boolean gaveOut(String text) {
    return secrets.areIn(text);
  }

  private String lookUp(SecretReference reference) {
    if (!isEnabled()) {
      throw new SwitchedOffException(reference.toString());
    }
    if (refreshing && !lookups.isOpenedHere()) {
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

  private Set<SecretReference> neededSoon() {
    importsClosed.set(true);
    try {
      return new Reading(new RawProperties(environment), lookups, imports).neededSoon();
    } catch (LatchkeyException ex) {
      return Set.of(); // told when the environment is complete, if it still holds
    } finally {
      importsClosed.set(false);
    }
  }

  /** Reads whatever is needed. What is imported may say what else is, so it is looked at twice. */
  private synchronized void readAll() {
    if (failure != null) {
      throw failure;
    }
    RawProperties properties = new RawProperties(environment);
    List<SecretConfigDataResource> unknown =
        properties.imports().stream()
            .map(PropertySource::getSource)
            .filter(each -> imports.get(each.imported()) == null)
            .toList();
    if (allRead && unknown.isEmpty()) {
      return;
    }
    importsClosed.set(true);
    try {
      read(new Reading(properties, lookups, imports), unknown);
      allRead = true;
    } catch (LatchkeyException ex) {
      failure = ex;
      throw ex;
    } finally {
      importsClosed.set(false);
    }
  }

  private void read(Reading reading, List<SecretConfigDataResource> unknown) {
    boolean enabled = isEnabled();
    if (enabled && !unknown.isEmpty()) {
      reading.readImports(unknown);
    } else if (!enabled) {
      reading.refuseImports(unknown);
    }
    reading.failIfIncomplete();
    if (enabled) {
      reading.readReferences();
      reading.failIfIncomplete();
    }
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
