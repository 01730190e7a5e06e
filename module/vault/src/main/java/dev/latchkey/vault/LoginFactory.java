package dev.latchkey.vault;

import org.springframework.vault.authentication.ClientAuthentication;
import org.springframework.web.client.RestOperations;

/**
 * Makes an application's own way to log in to Vault. Register one before the application starts:
 *
 * <pre>
 * application.addBootstrapRegistryInitializer(
 *     registry -&gt; registry.register(LoginFactory.class, InstanceSupplier.of(MyLogin::new)));
 * </pre>
 *
 * <p>Look-ups need it before there are beans, so it cannot be one. It is a type of its own, since
 * Spring Cloud Vault registers the {@link ClientAuthentication} of its own server there.
 *
 * @since 0.1
 */
@FunctionalInterface
public interface LoginFactory {

  /**
   * Makes it. Nothing may be sent yet.
   *
   * @param operations reaches the server, in its namespace and with its TLS settings, and without a
   *     token; paths are relative, such as {@code auth/approle/login}
   */
  ClientAuthentication create(RestOperations operations);
}
