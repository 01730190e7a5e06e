package dev.latchkey.env.internal;

import dev.latchkey.LatchkeyException;
import dev.latchkey.env.internal.imports.ImportedFields;
import dev.latchkey.env.internal.imports.SecretConfigDataResource;
import dev.latchkey.env.internal.text.Placeholders;
import dev.latchkey.env.internal.text.SecretLookupException;
import dev.latchkey.env.internal.text.SecretTexts;
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
 * Resolves the {@code vault@} references in the properties of one application.
 *
 * <p>Until the application context refreshes, each reference is looked up on demand, because
 * property sources may still be added. From then on, all references are read together in the
 * background. The first requested reference waits for them, and so does the refresh once the
 * environment is complete, before beans are created.
 *
 * <p>Ahead-of-time processing reads nothing: a reference resolves to itself, so that the generated
 * code still refers to the secret at run time.
 *
 * @since 0.1
 */
public final class PropertyLookups implements ImportedFields {

  private final LazyLookups lookups;
  private final SecretTexts secrets = new SecretTexts();
  private final Fallbacks fallbacks = new Fallbacks();
  private final Imports imports = new Imports();

  /** Whether the current thread is reading: imports cannot configure how to read. */
  private final ThreadLocal<Boolean> importsClosed = ThreadLocal.withInitial(() -> false);

  private volatile ConfigurableEnvironment environment;
  private volatile boolean refreshing;
  private volatile boolean parsedTwice;
  private volatile @Nullable LatchkeyException failure;
  private boolean allRead;

  /**
   * @param source opens the source of the secrets; called once, for the first lookup
   */
  public PropertyLookups(ConfigurableEnvironment environment, Supplier<SecretSource> source) {
    this.environment = environment;
    this.lookups = new LazyLookups(source);
  }

  /** Rejects references in an environment whose configuration files are not known yet. */
  public static void refuseIn(ConfigurableEnvironment environment) {
    putLast(environment, new TooEarlyPropertySource());
  }

  /** Resolves references and imports from now on. */
  public void answerIn(ConfigurableEnvironment environment) {
    putLast(environment, new ReferencePropertySource(this));
    new RawProperties(environment).imports().forEach(each -> each.answerWith(this));
  }

  /** Participates in the refresh of the application context, which may use a new environment. */
  public void takePartIn(ConfigurableApplicationContext context) {
    environment = context.getEnvironment();
    context.getBeanFactory().registerSingleton("latchkeyPropertyLookups", this);
    context.addBeanFactoryPostProcessor(new LookupsPostProcessor(this, secrets, environment));
    context.addApplicationListener(new KeepSourceListener(this::answerInContext));
  }

  /** Starts lookups: all property sources are known, except for those in annotations. */
  void contextRefreshes() {
    if (!isAheadOfTime() && isEnabled()) {
      lookups.begin(neededSoon());
    }
    refreshing = true;
  }

  /** Adds our property source after all others of the application context. */
  void answerInContext() {
    answerIn(environment);
  }

  /**
   * Reads everything that is still needed, since no property source is added after this, and fails
   * if a reference cannot be resolved.
   *
   * @param parsedTwice whether text in annotations is parsed again after placeholders are resolved
   */
  void environmentIsComplete(boolean parsedTwice) {
    this.parsedTwice = parsedTwice;
    answerInContext();
    if (!isAheadOfTime()) {
      readAll();
    }
  }

  /**
   * Called before a text that is not in the environment is resolved.
   *
   * @throws LatchkeyException if a secret would become part of a property name, or a reference is
   *     mistyped
   */
  void resolves(String text) {
    NearReferences.refuse(text, null, null);
    new RawProperties(environment).refuseMisuse(text, null, null);
    secrets.startResolving(text);
    fallbacks.noteIn(text);
  }

  /**
   * Returns the text for a placeholder's name, quoted so that Spring parses nothing in it.
   *
   * @return null if a fallback applies, or the name still includes the fallback: Spring requests
   *     the whole text first
   * @throws LatchkeyException if the reference cannot be resolved and has no fallback
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

  /** Returns the quoted text of an imported property, or null if the import does not have it. */
  @Override
  public @Nullable String imported(SecretConfigDataResource resource, String name) {
    Imports.Text text = imported(resource).get(name);
    if (text == null) {
      return null;
    }
    return text.isSecret() ? quote(text.text()) : text.text();
  }

  /** Returns the names of all properties of an import. */
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

  /** Returns whether a text is or contains a secret that was resolved before. */
  public boolean gaveOut(String text) {
    return secrets.areIn(text);
  }

  private String lookUp(SecretReference reference) {
    if (!isEnabled()) {
      throw new LatchkeyDisabledException(reference.toString());
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
          "The secret contains '${', which would be parsed as a placeholder here",
          "Use a single PropertySourcesPlaceholderConfigurer and Spring's default escape character"
              + " (backslash), or a secret without '${'.");
    }
    secrets.givenOut(text);
    return quoted;
  }

  private Set<SecretReference> neededSoon() {
    importsClosed.set(true);
    try {
      return new Reading(new RawProperties(environment), lookups, imports).neededSoon();
    } catch (LatchkeyException ex) {
      return Set.of(); // reported when the environment is complete, if it still fails
    } finally {
      importsClosed.set(false);
    }
  }

  /** Reads imports first, since imported properties may contain references, then references. */
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
    return new RawProperties(environment).isEnabled();
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
