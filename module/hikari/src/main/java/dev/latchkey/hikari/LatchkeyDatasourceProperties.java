package dev.latchkey.hikari;

import dev.latchkey.autoconfigure.internal.Durations;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Data sources that log in with a rotating secret.
 *
 * @param datasource The application's only data source, or its primary one.
 * @param datasources Other data sources, by the names of their beans.
 */
@ConfigurationProperties("latchkey")
record LatchkeyDatasourceProperties(
    @DefaultValue Primary datasource, @DefaultValue Map<String, Pool> datasources) {

  /**
   * The application's only data source, or its primary one.
   *
   * @param secret Name of the secret, as in latchkey.secrets, that provides username and password
   *     for each new connection.
   * @param usernameField Field of the secret that holds the username. If the secret has no such
   *     field, the username is spring.datasource.username.
   * @param passwordField Field of the secret that holds the password.
   * @param drain How long a transaction on any data source may continue after the credentials that
   *     it began with rotate. At most a third of the credentials' maximum lifetime.
   */
  record Primary(
      @Nullable String secret,
      @DefaultValue("username") String usernameField,
      @DefaultValue("password") String passwordField,
      @DefaultValue("30s") Duration drain) {

    Primary {
      Durations.requireNotNegative("latchkey.datasource.drain", drain);
    }
  }

  /**
   * One of several data sources.
   *
   * @param secret Name of the secret, as in latchkey.secrets, that provides username and password
   *     for each new connection.
   * @param usernameField Field of the secret that holds the username. If the secret has no such
   *     field, the username is that of the data source.
   * @param passwordField Field of the secret that holds the password.
   */
  record Pool(
      @Nullable String secret,
      @DefaultValue("username") String usernameField,
      @DefaultValue("password") String passwordField) {}
}
