package dev.latchkey.client;

import org.jspecify.annotations.Nullable;

/**
 * Connects one kind of client, such as a connection pool, to a rotating secret. Declare one as a
 * {@code static @Bean}: Latchkey binds its properties, finds the secret, and calls {@link #connect}
 * before the client is initialized.
 *
 * <p>{@code <prefix>.secret} names a secret of {@code latchkey.secrets}; {@code
 * <prefix>.username-field} and {@code <prefix>.password-field} name its fields. Without the first
 * property, the client is left alone.
 *
 * @param <T> type of the client
 * @since 0.1
 */
public interface SecretClient<T> {

  /** Prefix of the properties, such as {@code latchkey.redis}. */
  String prefix();

  /** Type of the client. */
  Class<T> type();

  /**
   * Makes a client log in with credentials that rotate. Opens no connection.
   *
   * @param bean name of the client's bean
   * @throws dev.latchkey.LatchkeyException if this client cannot use them
   */
  void connect(T client, String bean, RotatingCredentials credentials);

  /**
   * Prefix of the properties of further clients, each by the name of its bean, such as {@code
   * latchkey.datasources}. {@link #prefix} is then about the primary client alone.
   */
  default @Nullable String namedPrefix() {
    return null;
  }

  /**
   * Class name of the connection details that Spring Boot makes of its own properties, such as
   * {@code org.springframework.boot.jdbc.autoconfigure.PropertiesJdbcConnectionDetails}. Connection
   * details of any other class, such as those of Testcontainers, win over the secret.
   */
  default @Nullable String connectionDetails() {
    return null;
  }

  /** Whether a client logs in at all; an embedded database does not. */
  default boolean accepts(T client) {
    return true;
  }

  /**
   * Type of the client's bean. It differs from {@link #type} if a bean cannot be changed any more
   * and a customizer calls {@link SecretClients#connect} while the bean is built.
   */
  default Class<?> beanType() {
    return type();
  }

  /** What to do about a bean that was built without the customizer. */
  default String remedy() {
    return "Let Spring Boot create it, or remove %s.secret.".formatted(prefix());
  }
}
