package dev.latchkey.vault;

import org.springframework.vault.authentication.ClientAuthentication;
import org.springframework.web.client.RestOperations;

/**
 * Creates an application's own login to Vault. Register a factory before the application starts:
 *
 * <pre>
 * application.addBootstrapRegistryInitializer(
 *     registry -&gt; registry.register(LoginFactory.class, InstanceSupplier.of(MyLogin::new)));
 * </pre>
 *
 * <p>Lookups need the login before any bean exists, so it cannot be a bean. It has a type of its
 * own because Spring Cloud Vault registers its {@link ClientAuthentication} in the same registry.
 *
 * @since 0.1
 */
@FunctionalInterface
public interface LoginFactory {

  /**
   * Creates the login. Do not send any request here.
   *
   * @param operations sends requests to the server, in its namespace, with its TLS settings and
   *     without a token; paths are relative, such as {@code auth/approle/login}
   */
  ClientAuthentication create(RestOperations operations);
}
