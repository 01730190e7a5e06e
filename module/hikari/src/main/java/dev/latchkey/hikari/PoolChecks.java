package dev.latchkey.hikari;

import com.zaxxer.hikari.HikariDataSource;
import dev.latchkey.LatchkeyException;
import dev.latchkey.secret.SecretValue;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.source.ConfigurationProperty;
import org.springframework.boot.context.properties.source.ConfigurationPropertyName;
import org.springframework.boot.context.properties.source.ConfigurationPropertySource;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.core.env.Environment;
import org.springframework.util.StringUtils;

/** Says why a data source cannot take its secret, as far as that is known before it connects. */
final class PoolChecks {

  /** Drivers prefer what stands in an address to what they are given. */
  private static final Pattern CREDENTIALS_IN_URL =
      Pattern.compile("(?i)[?&;](user|username|password)=");

  private static final List<String> PASSWORDS =
      List.of("spring.datasource.password", "spring.datasource.hikari.password");

  private final DatasourceSecret wanted;
  private final Environment environment;

  PoolChecks(DatasourceSecret wanted, Environment environment) {
    this.wanted = wanted;
    this.environment = environment;
  }

  /**
   * The pool behind a data source.
   *
   * @throws LatchkeyException if there is none, or one that takes no secret any more
   */
  HikariDataSource pool(DataSource dataSource) {
    HikariDataSource pool = unwrap(dataSource);
    if (pool == null) {
      throw wanted.noPool(dataSource);
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
          "%s: the pool '%s' has started already, with the user and password that it was made with"
              .formatted(wanted.describe(), wanted.bean()),
          "Make it by DataSourceBuilder, or by new HikariDataSource() and its setters: then it"
              + " starts with its first connection.");
    }
  }

  private void requireNoPassword(HikariDataSource pool) {
    if (StringUtils.hasText(pool.getPassword())) {
      throw new LatchkeyException(
          "%s, and the pool '%s' has a password of its own%s: only one of them can be used"
              .formatted(wanted.describe(), wanted.bean(), passwordProperty()),
          "Remove the password: the secret gives one for each connection. Where the password is"
              + " meant, such as in a profile for development, set %s to nothing there."
                  .formatted(wanted.secret().property()));
    }
  }

  private String passwordProperty() {
    return PASSWORDS.stream()
        .flatMap(name -> origin(name).stream())
        .findFirst()
        .map(" from "::concat)
        .orElse("");
  }

  private Optional<String> origin(String property) {
    ConfigurationPropertyName name = ConfigurationPropertyName.of(property);
    for (ConfigurationPropertySource source : ConfigurationPropertySources.get(environment)) {
      ConfigurationProperty found = source.getConfigurationProperty(name);
      if (found != null) {
        return Optional.of(
            found.getOrigin() == null
                ? property
                : "%s (%s)".formatted(property, found.getOrigin()));
      }
    }
    return Optional.empty();
  }

  private void requireNoCredentialsInUrl(HikariDataSource pool) {
    String url = pool.getJdbcUrl();
    if (url != null && CREDENTIALS_IN_URL.matcher(url).find()) {
      throw new LatchkeyException(
          "%s, and the address of the pool '%s' holds a user or a password of its own, which the"
                  .formatted(wanted.describe(), wanted.bean())
              + " driver would prefer",
          "Remove it from the address.");
    }
  }

  /**
   * @throws LatchkeyException if a field that the pool needs is not there
   */
  void requireFields(SecretValue version, HikariDataSource pool) {
    if (!StringUtils.hasText(pool.getUsername())) {
      wanted.secret().requireUsername(version);
    }
    wanted.secret().requirePassword(version);
  }
}
