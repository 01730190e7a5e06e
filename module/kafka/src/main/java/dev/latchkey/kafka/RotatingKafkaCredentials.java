package dev.latchkey.kafka;

import dev.latchkey.client.RotatingCredentials;
import dev.latchkey.client.UsernamePassword;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.LongSupplier;
import javax.security.auth.callback.Callback;
import javax.security.auth.callback.NameCallback;
import javax.security.auth.callback.PasswordCallback;
import javax.security.auth.callback.UnsupportedCallbackException;
import javax.security.auth.login.AppConfigurationEntry;
import javax.security.auth.spi.LoginModule;
import org.apache.kafka.common.config.SaslConfigs;
import org.apache.kafka.common.security.auth.AuthenticateCallbackHandler;
import org.apache.kafka.common.security.plain.PlainLoginModule;
import org.apache.kafka.common.security.scram.ScramLoginModule;
import org.jspecify.annotations.Nullable;

/**
 * Gives a Kafka client rotating credentials for each login: when it opens a connection, and when
 * the broker asks it to reauthenticate. Each login reads the secret again, so that if the broker
 * rejects a password that changed a moment ago, the client's next attempt uses the new one. Only a
 * client's first login waits for the store: a producer whose first login is rejected never sends
 * anything.
 *
 * <p>Clients create it themselves: see {@link #configuration}.
 *
 * @since 0.1
 */
public final class RotatingKafkaCredentials implements AuthenticateCallbackHandler {

  private static final Duration TIMEOUT = Duration.ofSeconds(2);

  /** Longer than a login takes from username to password: a round trip to the broker. */
  private static final long ROUND_TRIP = Duration.ofSeconds(1).toNanos();

  private static final String CREDENTIALS = RotatingCredentials.class.getName();

  private static final Map<String, Class<? extends LoginModule>> MODULES =
      Map.of(
          "PLAIN", PlainLoginModule.class,
          "SCRAM-SHA-256", ScramLoginModule.class,
          "SCRAM-SHA-512", ScramLoginModule.class);

  private final LongSupplier nanoTime;
  private @Nullable RotatingCredentials credentials;
  private @Nullable UsernamePassword given;

  /** Logins that were given this username, but not the password yet. */
  private int underway;

  /** When a login was last given this username while it was the newest. */
  private long begun;

  /** Called by Kafka. */
  public RotatingKafkaCredentials() {
    this(System::nanoTime);
  }

  /**
   * @param nanoTime as {@link System#nanoTime()}
   */
  RotatingKafkaCredentials(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
  }

  /** The SASL mechanisms that use username and password. */
  public static Set<String> mechanisms() {
    return new TreeSet<>(MODULES.keySet());
  }

  /**
   * What to add to a client's configuration, in addition to its {@code security.protocol} and
   * {@code sasl.mechanism}.
   *
   * @param mechanism one of {@link #mechanisms()}
   * @throws IllegalArgumentException if it is another mechanism
   */
  public static Map<String, Object> configuration(
      RotatingCredentials credentials, String mechanism) {
    Class<? extends LoginModule> module = MODULES.get(mechanism);
    if (module == null) {
      throw new IllegalArgumentException(mechanism + " is not one of " + mechanisms());
    }
    return Map.of(
        SaslConfigs.SASL_CLIENT_CALLBACK_HANDLER_CLASS,
        RotatingKafkaCredentials.class,
        SaslConfigs.SASL_JAAS_CONFIG,
        module.getName() + " required;",
        CREDENTIALS,
        credentials);
  }

  @Override
  public void configure(
      Map<String, ?> configuration, String mechanism, List<AppConfigurationEntry> entries) {
    credentials = (RotatingCredentials) configuration.get(CREDENTIALS);
  }

  /**
   * Kafka asks for the username first. With SCRAM, it asks for the password in another call, one
   * round trip to the broker later. One object serves all connections of a client and cannot
   * distinguish which of them asks. So that both are of one version, logins that begin while others
   * are underway get the version of those, for a second at most.
   */
  @Override
  public void handle(Callback[] callbacks) throws UnsupportedCallbackException {
    for (Callback callback : callbacks) {
      if (callback instanceof NameCallback username) {
        username.setName(begin().username());
        underway++;
      } else if (callback instanceof PasswordCallback password) {
        password.setPassword((given == null ? begin() : given).password().toCharArray());
        underway = Math.max(0, underway - 1);
      } else {
        throw new UnsupportedCallbackException(callback);
      }
    }
  }

  private UsernamePassword begin() {
    RotatingCredentials rotating = Objects.requireNonNull(credentials, CREDENTIALS);
    UsernamePassword held = given;
    UsernamePassword newest = rotating.refresh(held == null ? TIMEOUT : Duration.ZERO);
    long now = nanoTime.getAsLong();
    if (now - begun >= ROUND_TRIP) {
      underway = 0;
    }
    if (held != null && underway > 0 && !held.equals(newest)) {
      return held;
    }
    given = newest;
    begun = now;
    return newest;
  }

  @Override
  public void close() {}
}
