package dev.latchkey.kafka;

import dev.latchkey.secret.LoginFields;
import dev.latchkey.secret.RotatingSecret;
import dev.latchkey.secret.SecretValue;
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
 * Gives a Kafka client user and password of a secret that rotates, each time that one of its
 * connections logs in: when it is opened, and when the broker wants to know again who is there.
 * Each login asks the secret's store for news: where the broker refuses the password since it
 * changed a moment ago, the client's next try has the new one. Only a client's first login waits
 * for the answer, since a producer whose first login is refused never sends anything.
 *
 * <p>Clients make it themselves: see {@link #configuration}.
 *
 * @since 0.1
 */
public final class RotatingKafkaCredentials implements AuthenticateCallbackHandler {

  private static final Duration PATIENCE = Duration.ofSeconds(2);

  /** More than a login takes from its user to its password: a round trip to the broker. */
  private static final long ROUND_TRIP = Duration.ofSeconds(1).toNanos();

  private static final String SECRET = RotatingSecret.class.getName();
  private static final String FIELDS = LoginFields.class.getName();

  private static final Map<String, Class<? extends LoginModule>> MODULES =
      Map.of(
          "PLAIN", PlainLoginModule.class,
          "SCRAM-SHA-256", ScramLoginModule.class,
          "SCRAM-SHA-512", ScramLoginModule.class);

  private final LongSupplier nanoTime;
  private @Nullable RotatingSecret secret;
  private @Nullable LoginFields fields;
  private @Nullable SecretValue version;

  /** Logins that were given the user of this version, but not yet the password. */
  private int underWay;

  /** When a login was last given the user of this version, while it was the newest. */
  private long begun;

  /** For Kafka. */
  public RotatingKafkaCredentials() {
    this(System::nanoTime);
  }

  /**
   * @param nanoTime as {@link System#nanoTime()}
   */
  RotatingKafkaCredentials(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
  }

  /** The SASL mechanisms that log in with user and password. */
  public static Set<String> mechanisms() {
    return new TreeSet<>(MODULES.keySet());
  }

  /**
   * What a client's configuration must hold so that it logs in with a secret, beside its {@code
   * security.protocol} and {@code sasl.mechanism}.
   *
   * @param mechanism one of {@link #mechanisms()}
   * @throws IllegalArgumentException if it is none of them
   */
  public static Map<String, Object> configuration(
      RotatingSecret secret, LoginFields fields, String mechanism) {
    Class<? extends LoginModule> module = MODULES.get(mechanism);
    if (module == null) {
      throw new IllegalArgumentException(mechanism + " is none of " + mechanisms());
    }
    return Map.of(
        SaslConfigs.SASL_CLIENT_CALLBACK_HANDLER_CLASS,
        RotatingKafkaCredentials.class,
        SaslConfigs.SASL_JAAS_CONFIG,
        module.getName() + " required;",
        SECRET,
        secret,
        FIELDS,
        fields);
  }

  @Override
  public void configure(
      Map<String, ?> configuration, String mechanism, List<AppConfigurationEntry> entries) {
    secret = (RotatingSecret) configuration.get(SECRET);
    fields = (LoginFields) configuration.get(FIELDS);
  }

  /**
   * First the user, then the password: with SCRAM in another call, a round trip to the broker
   * later. So that both are of one version, logins that begin while others are under way get the
   * version that those have, for a second at most: a client has one such object for all its
   * connections, which cannot tell which of them is asking.
   */
  @Override
  public void handle(Callback[] callbacks) throws UnsupportedCallbackException {
    for (Callback callback : callbacks) {
      if (callback instanceof NameCallback user) {
        user.setName(begin().get(fields().usernameField()));
        underWay++;
      } else if (callback instanceof PasswordCallback password) {
        password.setPassword(fields().password(version == null ? begin() : version).toCharArray());
        underWay = Math.max(0, underWay - 1);
      } else {
        throw new UnsupportedCallbackException(callback);
      }
    }
  }

  private SecretValue begin() {
    RotatingSecret rotating = Objects.requireNonNull(secret, SECRET);
    SecretValue held = version;
    rotating.refresh(held == null ? PATIENCE : Duration.ZERO);
    SecretValue newest = rotating.current();
    long now = nanoTime.getAsLong();
    if (now - begun >= ROUND_TRIP) {
      underWay = 0;
    }
    if (held != null && underWay > 0 && held != newest) {
      return held;
    }
    version = newest;
    begun = now;
    return newest;
  }

  private LoginFields fields() {
    return Objects.requireNonNull(fields, FIELDS);
  }

  @Override
  public void close() {}
}
