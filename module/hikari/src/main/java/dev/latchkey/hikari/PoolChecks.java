package dev.latchkey.hikari;

import com.zaxxer.hikari.HikariDataSource;
import dev.latchkey.LatchkeyException;
import dev.latchkey.client.RotatingCredentials;
import dev.latchkey.property.internal.EffectiveProperty;
import java.sql.SQLException;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.core.env.Environment;
import org.springframework.util.StringUtils;

/** Says why a data source cannot use its secret, as far as that is known before it connects. */
final class PoolChecks {

  /**
   * Drivers prefer credentials in a URL to those that they are given: as parameters, which DB2
   * separates by a colon and MySQL encloses in parentheses; before the host, as in MySQL; before an
   * {@code @}, as in Oracle, where {@code /@} refers to a wallet.
   */
  private static final List<Pattern> CREDENTIALS_IN_URL =
      List.of(
          Pattern.compile("(?i)[?&;:,(]\\s*(user|username|password)\\s*="),
          Pattern.compile("(?i)^jdbc:([\\w+.-]+:)+//[^/?#;]*@"),
          Pattern.compile("(?i)^jdbc:oracle:\\w+:(?!/@)[^@]+@"));

  private static final List<ConfigurationPropertyName> PASSWORDS =
      Stream.of("spring.datasource.password", "spring.datasource.hikari.password")
          .map(ConfigurationPropertyName::of)
          .toList();

  private final String bean;
  private final RotatingCredentials credentials;
  private final Environment environment;

  PoolChecks(String bean, RotatingCredentials credentials, Environment environment) {
    this.bean = bean;
    this.credentials = credentials;
    this.environment = environment;
  }

  /**
   * The pool behind a data source.
   *
   * @throws LatchkeyException if there is none, or one that cannot use a secret
   */
  HikariDataSource pool(DataSource dataSource) {
    HikariDataSource pool = unwrap(dataSource);
    if (pool == null) {
      throw HikariSecretClient.notAPool(dataSource, bean, credentials);
    }
    requireNotStarted(pool);
    requireNoPassword(pool);
    requireNoCredentialsInUrl(pool);
    return pool;
  }

  private static @Nullable HikariDataSource unwrap(DataSource dataSource) {
    if (dataSource instanceof HikariDataSource pool) {
      return pool;
    }
    try {
      return dataSource.isWrapperFor(HikariDataSource.class)
          ? dataSource.unwrap(HikariDataSource.class)
          : null;
    } catch (SQLException | RuntimeException ex) {
      return null;
    }
  }

  private void requireNotStarted(HikariDataSource pool) {
    if (pool.getHikariPoolMXBean() != null) {
      throw new LatchkeyException(
          "%s: the pool '%s' has already started, with other credentials"
              .formatted(credentials, bean),
          "Create it with DataSourceBuilder, or with new HikariDataSource() and its setters. It"
              + " then starts with its first connection.");
    }
  }

  private void requireNoPassword(HikariDataSource pool) {
    if (StringUtils.hasText(pool.getPassword())) {
      throw new LatchkeyException(
          "%s: the pool '%s' also has a password of its own%s"
              .formatted(credentials, bean, passwordProperty()),
          "Remove the password: the secret provides one for each connection. To use the password"
              + " instead, for example in a development profile, set the secret's property to an empty"
              + " value there.");
    }
  }

  private String passwordProperty() {
    return PASSWORDS.stream()
        .flatMap(name -> EffectiveProperty.find(name, environment).stream())
        .findFirst()
        .map(found -> " from %s (%s)".formatted(found.getName(), found.getOrigin()))
        .orElse("");
  }

  private void requireNoCredentialsInUrl(HikariDataSource pool) {
    String url = pool.getJdbcUrl();
    if (url != null && CREDENTIALS_IN_URL.stream().anyMatch(each -> each.matcher(url).find())) {
      throw new LatchkeyException(
          "%s: the URL of the pool '%s' holds a username or password, which the driver prefers"
              .formatted(credentials, bean),
          "Remove it from the URL.");
    }
  }
}
