package dev.latchkey.hikari;

import dev.latchkey.autoconfigure.internal.Durations;
import dev.latchkey.client.ClientProperties;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Data sources that take user and password from a secret that rotates.
 *
 * @param datasource The data source of an application that has one, or the primary one.
 * @param datasources Others, by the names of their beans.
 */
@ConfigurationProperties("latchkey")
record LatchkeyDatasourceProperties(
    @DefaultValue Primary datasource, @DefaultValue Map<String, Pool> datasources)
    implements ClientProperties {

  @Override
  public Stream<String> secrets() {
    return Stream.concat(
        Stream.ofNullable(datasource.secret()),
        datasources.values().stream().flatMap(pool -> Stream.ofNullable(pool.secret())));
  }

  /**
   * The application's one data source, or its primary one.
   *
   * @param secret Name of the secret, as in latchkey.secrets, that gives user and password of each
   *     new connection.
   * @param usernameField Field of the secret that holds the user. A secret without it gives the
   *     password alone, and the user is spring.datasource.username.
   * @param passwordField Field of the secret that holds the password.
   * @param drain How long a transaction may go on, on any data source, after other credentials took
   *     the place of those that it began with. At most a third of the credentials' greatest
   *     lifetime.
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
   * @param secret Name of the secret, as in latchkey.secrets, that gives user and password of each
   *     new connection.
   * @param usernameField Field of the secret that holds the user. A secret without it gives the
   *     password alone, and the user is the one of the data source.
   * @param passwordField Field of the secret that holds the password.
   */
  record Pool(
      @Nullable String secret,
      @DefaultValue("username") String usernameField,
      @DefaultValue("password") String passwordField) {}
}
