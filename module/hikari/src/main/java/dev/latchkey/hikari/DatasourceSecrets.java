package dev.latchkey.hikari;

import dev.latchkey.LatchkeyException;
import dev.latchkey.NearestName;
import dev.latchkey.client.ClientSecret;
import dev.latchkey.secret.LoginFields;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import javax.sql.DataSource;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.beans.factory.support.AbstractBeanDefinition;
import org.springframework.util.StringUtils;

/** Which data source takes user and password from which secret: what the properties say. */
final class DatasourceSecrets {

  private static final String PRIMARY = "latchkey.datasource.secret";

  private final LatchkeyDatasourceProperties properties;
  private final ConfigurableListableBeanFactory beans;

  DatasourceSecrets(
      LatchkeyDatasourceProperties properties, ConfigurableListableBeanFactory beans) {
    this.properties = properties;
    this.beans = beans;
  }

  boolean isEmpty() {
    return !namePrimary() && properties.datasources().isEmpty();
  }

  /** Whether the primary data source, or the only one, is to have a secret. */
  boolean namePrimary() {
    return StringUtils.hasText(properties.datasource().secret());
  }

  /**
   * What a data source's secret is.
   *
   * @return empty if it has none
   * @throws LatchkeyException if the primary one is asked for and there are several
   */
  Optional<DatasourceSecret> of(String bean) {
    return named(bean)
        .map(entry -> secret(bean, entry))
        .orElseGet(() -> primary().filter(each -> each.bean().equals(bean)));
  }

  /**
   * All of them.
   *
   * @throws LatchkeyException if a property names no data source
   */
  List<DatasourceSecret> all() {
    List<String> known = dataSources();
    properties.datasources().keySet().stream()
        .filter(name -> known.stream().noneMatch(bean -> isName(name, bean)))
        .findFirst()
        .ifPresent(name -> refuseUnknown(name, known));
    return known.stream().flatMap(bean -> of(bean).stream()).toList();
  }

  private Optional<Map.Entry<String, LatchkeyDatasourceProperties.Pool>> named(String bean) {
    return properties.datasources().entrySet().stream()
        .filter(entry -> isName(entry.getKey(), bean))
        .findFirst();
  }

  /** One that is set to nothing, such as in a profile, is not used. */
  private Optional<DatasourceSecret> secret(
      String bean, Map.Entry<String, LatchkeyDatasourceProperties.Pool> entry) {
    LatchkeyDatasourceProperties.Pool pool = entry.getValue();
    String property = "latchkey.datasources.%s.secret".formatted(entry.getKey());
    String secret = pool.secret();
    if (secret == null) {
      throw new LatchkeyException(
          property + " is not set",
          "Name a secret of latchkey.secrets, or remove what else is set for this data source.");
    }
    return Optional.of(secret)
        .filter(StringUtils::hasText)
        .map(
            name ->
                new DatasourceSecret(
                    bean,
                    new ClientSecret(
                        property,
                        name,
                        new LoginFields(pool.usernameField(), pool.passwordField())),
                    properties.datasource().drain()));
  }

  private Optional<DatasourceSecret> primary() {
    LatchkeyDatasourceProperties.Primary primary = properties.datasource();
    String secret = primary.secret();
    if (secret == null || !namePrimary()) {
      return Optional.empty();
    }
    List<String> others = dataSources().stream().filter(bean -> named(bean).isEmpty()).toList();
    return onlyOne(others)
        .map(
            bean ->
                new DatasourceSecret(
                    bean,
                    new ClientSecret(
                        PRIMARY,
                        secret,
                        new LoginFields(primary.usernameField(), primary.passwordField())),
                    primary.drain()));
  }

  /** The one that is injected where nothing more is said. */
  private Optional<String> onlyOne(List<String> candidates) {
    List<String> remaining = candidates;
    if (remaining.size() > 1) {
      remaining = remaining.stream().filter(this::isDefaultCandidate).toList();
    }
    if (remaining.size() > 1) {
      remaining = remaining.stream().filter(bean -> definition(bean).isPrimary()).toList();
    }
    if (remaining.size() != 1 && candidates.size() > 1) {
      throw new LatchkeyException(
          "%s is set, but there are several data sources and none is primary: %s"
              .formatted(PRIMARY, String.join(", ", candidates)),
          "Name the one that is meant: latchkey.datasources.%s.secret=%s."
              .formatted(candidates.get(0), properties.datasource().secret()));
    }
    return remaining.stream().findFirst();
  }

  private boolean isDefaultCandidate(String bean) {
    BeanDefinition definition = definition(bean);
    return definition.isAutowireCandidate()
        && (!(definition instanceof AbstractBeanDefinition more) || more.isDefaultCandidate());
  }

  private BeanDefinition definition(String bean) {
    return beans.getMergedBeanDefinition(bean);
  }

  private List<String> dataSources() {
    return Arrays.stream(beans.getBeanNamesForType(DataSource.class, true, false))
        .filter(beans::containsBeanDefinition)
        .toList();
  }

  /** An environment variable knows neither upper case nor dashes. */
  private static boolean isName(String written, String bean) {
    return written.equals(bean) || relaxed(written).equals(relaxed(bean));
  }

  private static String relaxed(String name) {
    return name.replace("-", "").replace("_", "").toLowerCase(Locale.ROOT);
  }

  private static void refuseUnknown(String name, List<String> known) {
    String there = known.isEmpty() ? "there is none" : "there is " + String.join(", ", known);
    throw new LatchkeyException(
        "latchkey.datasources.%s names no data source: %s".formatted(name, there),
        NearestName.of(name, known)
            .map("Did you mean latchkey.datasources.%s?"::formatted)
            .orElse("Use the name of the data source's bean."));
  }
}
