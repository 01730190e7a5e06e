package dev.latchkey.autoconfigure.internal;

import dev.latchkey.LatchkeyException;
import dev.latchkey.internal.NearestName;
import dev.latchkey.property.internal.EffectiveProperty;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.aot.AotDetector;
import org.springframework.beans.factory.config.BeanFactoryPostProcessor;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName.Form;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.context.properties.source.IterableConfigurationPropertySource;
import org.springframework.boot.json.JsonParserFactory;
import org.springframework.core.Ordered;
import org.springframework.core.env.Environment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

/**
 * Refuses properties under {@code latchkey.} that nothing reads: a typo must not leave a protection
 * off. What there is comes from the configuration metadata of the modules on the class path.
 */
public final class UnknownProperties implements BeanFactoryPostProcessor, Ordered {

  private static final Logger logger = LoggerFactory.getLogger(UnknownProperties.class);

  private static final String METADATA = "META-INF/spring-configuration-metadata.json";

  /** Our own modules, and directories of classes while developing. */
  private static final Pattern OURS = Pattern.compile("file:.*|.*/latchkey-[^/]*\\.jar!/.*");

  private static final ConfigurationPropertyName ROOT = ConfigurationPropertyName.of("latchkey");

  private final Environment environment;
  private final ClassLoader classLoader;

  public UnknownProperties(Environment environment, ClassLoader classLoader) {
    this.environment = environment;
    this.classLoader = classLoader;
  }

  @Override
  public int getOrder() {
    return LOWEST_PRECEDENCE;
  }

  @Override
  public void postProcessBeanFactory(ConfigurableListableBeanFactory beanFactory) {
    if (!AotDetector.useGeneratedArtifacts()) {
      refuse();
    }
  }

  /**
   * Checks all properties.
   *
   * @throws LatchkeyException naming each property that nothing reads, and the nearest name
   */
  void refuse() {
    List<ConfigurationPropertyName> known = known();
    if (known.isEmpty()) {
      return; // repackaged without the metadata
    }
    Map<String, Optional<String>> unknown = new LinkedHashMap<>();
    for (ConfigurationPropertySource source : ConfigurationPropertySources.get(environment)) {
      if (source instanceof IterableConfigurationPropertySource names
          && !(source.getUnderlyingSource() instanceof SystemEnvironmentPropertySource)) {
        names.stream()
            .filter(ROOT::isAncestorOf)
            .filter(name -> known.stream().noneMatch(each -> isFor(each, name)))
            .forEach(name -> unknown.put(name.toString(), nearest(name, known)));
      }
    }
    unknown.entrySet().removeIf(each -> isOfAnotherModule(each.getKey(), each.getValue(), known));
    if (!unknown.isEmpty()) {
      throw refused(unknown);
    }
  }

  /** A module that is not on the class path may have it. */
  private static boolean isOfAnotherModule(
      String name, Optional<String> nearest, List<ConfigurationPropertyName> known) {
    String group = ConfigurationPropertyName.of(name).getElement(1, Form.UNIFORM);
    boolean isAnother =
        nearest.isEmpty()
            && known.stream().noneMatch(each -> each.getElement(1, Form.UNIFORM).equals(group));
    if (isAnother) {
      logger.warn("{} is ignored: no module of Latchkey on the class path has it", name);
    }
    return isAnother;
  }

  private LatchkeyException refused(Map<String, Optional<String>> unknown) {
    List<String> lines =
        unknown.keySet().stream()
            .map(name -> EffectiveProperty.withOrigin(name, name, environment))
            .toList();
    List<String> actions = new ArrayList<>();
    unknown.forEach(
        (name, nearest) ->
            actions.add(
                nearest
                    .map(
                        each ->
                            unknown.size() == 1
                                ? "Did you mean '%s'?".formatted(each)
                                : "%s: did you mean '%s'?".formatted(name, each))
                    .orElse("Remove %s, or add the module that it belongs to.".formatted(name))));
    return new LatchkeyException(
        (lines.size() == 1 ? "There is no property %s" : "There are no properties %s")
            .formatted(String.join(", ", lines)),
        String.join(" ", actions));
  }

  /** The nearest known name, with the names of keysets and secrets as they are given. */
  private static Optional<String> nearest(
      ConfigurationPropertyName name, List<ConfigurationPropertyName> known) {
    TreeSet<String> candidates = new TreeSet<>();
    for (ConfigurationPropertyName each : known) {
      if (each.getNumberOfElements() == name.getNumberOfElements()) {
        candidates.add(
            String.join(
                ".",
                IntStream.range(0, each.getNumberOfElements())
                    .mapToObj(i -> (isAny(each, i) ? name : each).getElement(i, Form.ORIGINAL))
                    .toList()));
      }
    }
    return NearestName.of(name.toString(), candidates);
  }

  private static boolean isFor(ConfigurationPropertyName known, ConfigurationPropertyName name) {
    int elements = name.getNumberOfElements();
    while (elements > 1 && name.isNumericIndex(elements - 1)) {
      elements--; // an element of a list
    }
    return known.getNumberOfElements() == elements
        && IntStream.range(0, elements)
            .allMatch(
                i ->
                    isAny(known, i)
                        || known
                            .getElement(i, Form.UNIFORM)
                            .equals(name.getElement(i, Form.UNIFORM)));
  }

  private static boolean isAny(ConfigurationPropertyName known, int element) {
    return known.getElement(element, Form.ORIGINAL).equals("*");
  }

  private List<ConfigurationPropertyName> known() {
    List<ConfigurationPropertyName> known = new ArrayList<>();
    try {
      for (URL url : Collections.list(classLoader.getResources(METADATA))) {
        if (OURS.matcher(url.toString()).matches()) {
          read(url).stream()
              .filter(name -> name.startsWith("latchkey."))
              .map(name -> ConfigurationPropertyName.of(name.replace(".*", "[*]")))
              .forEach(known::add);
        }
      }
    } catch (IOException ex) {
      throw new UncheckedIOException(ex);
    }
    return known;
  }

  private static List<String> read(URL url) throws IOException {
    try (InputStream stream = url.openStream()) {
      Map<String, Object> metadata =
          JsonParserFactory.getJsonParser()
              .parseMap(new String(stream.readAllBytes(), StandardCharsets.UTF_8));
      return metadata.get("properties") instanceof List<?> properties
          ? properties.stream().map(each -> String.valueOf(((Map<?, ?>) each).get("name"))).toList()
          : List.of();
    }
  }
}
