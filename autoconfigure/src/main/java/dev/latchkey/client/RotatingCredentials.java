package dev.latchkey.client;

import dev.latchkey.secret.RotatingSecret;
import dev.latchkey.secret.SecretValue;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The credentials that a client logs in with, from a {@link RotatingSecret}. The object stays the
 * same while they rotate: ask it for each login.
 *
 * <p>A server may reject credentials that rotated a moment ago. {@link #login} then reads the
 * secret again and retries; clients that log in on their own use {@link #reject} and {@link #next}.
 * All callers of one client share one read.
 *
 * @since 0.1
 */
public final class RotatingCredentials {

  /** How long a login waits for the secret's store. */
  private static final Duration TIMEOUT = Duration.ofSeconds(5);

  /**
   * Vault cannot change a password in the server and in its own storage at the same time. The
   * second read comes after that instant.
   */
  private static final int RETRIES = 2;

  private final RotatingSecret secret;
  private final ClientSecret client;
  private final @Nullable String defaultUsername;
  private volatile @Nullable UsernamePassword rejected;

  RotatingCredentials(
      RotatingSecret secret, ClientSecret client, @Nullable String defaultUsername) {
    this.secret = secret;
    this.client = client;
    this.defaultUsername = defaultUsername;
  }

  /** Credentials from the fields {@code username} and {@code password} of a secret. */
  public static RotatingCredentials of(RotatingSecret secret) {
    return of(secret, "username", "password");
  }

  /** Credentials from two fields of a secret. */
  public static RotatingCredentials of(
      RotatingSecret secret, String usernameField, String passwordField) {
    return new RotatingCredentials(
        secret, new ClientSecret(null, secret.name(), usernameField, passwordField), null);
  }

  /** The same credentials, with a username for a secret that holds none. */
  public RotatingCredentials withDefaultUsername(@Nullable String username) {
    return new RotatingCredentials(secret, client, username);
  }

  /** The secret that they are from. */
  public RotatingSecret secret() {
    return secret;
  }

  /**
   * The newest credentials that this instance knows. Asking for them costs no I/O.
   *
   * @throws dev.latchkey.secret.StaleSecretException if the secret is stale
   * @throws dev.latchkey.LatchkeyException if the secret holds no password
   */
  public UsernamePassword current() {
    return of(secret.current());
  }

  private UsernamePassword of(SecretValue value) {
    return new UsernamePassword(
        this,
        value,
        value.fields().contains(client.usernameField()) ? requiredUsername(value) : defaultUsername,
        client.require(client.passwordField(), "password-field", value));
  }

  String requiredUsername(SecretValue value) {
    return client.require(client.usernameField(), "username-field", value);
  }

  /**
   * Reads the secret again, and gives what is the newest then.
   *
   * @param atMost how long to wait for the store; the read continues in the background
   */
  public UsernamePassword refresh(Duration atMost) {
    secret.refresh(atMost);
    return current();
  }

  /** Calls {@code listener} with the new credentials after each rotation. */
  public void onRotation(Consumer<UsernamePassword> listener) {
    secret.onRotation(value -> listener.accept(of(value)));
  }

  /**
   * Logs in. If the server rejects the credentials, reads the secret again and retries, twice at
   * most.
   *
   * @param rejects whether a failure says that the server rejected the credentials
   * @return what the login gives, such as a connection
   * @throws X if the login fails for another reason, or the newest credentials are rejected too
   */
  public <C, X extends Exception> C login(Login<C, X> login, Predicate<Exception> rejects)
      throws X {
    UsernamePassword used = current();
    for (int retries = 0; ; retries++) {
      try {
        return login.with(used);
      } catch (Exception ex) {
        if (retries == RETRIES || !rejects.test(ex)) {
          throw ex;
        }
        used = newerThan(used);
      }
    }
  }

  private UsernamePassword newerThan(UsernamePassword used) {
    return used.isOf(secret.current()) ? refresh(TIMEOUT) : current();
  }

  /** Takes note that the server rejected credentials, and reads the secret in the background. */
  public void reject(UsernamePassword used) {
    rejected = used;
    secret.refresh(Duration.ZERO);
  }

  /** Whether the current credentials were rejected, so that {@link #next} waits for newer ones. */
  public boolean isRejected() {
    UsernamePassword last = rejected;
    return last != null && last.isOf(secret.current());
  }

  /** The credentials for the next login: newer ones if the current ones were rejected. */
  public UsernamePassword next() {
    return isRejected() ? refresh(TIMEOUT) : current();
  }

  /** The property and the secret, for messages. */
  @Override
  public String toString() {
    return client.describe();
  }

  /** A login, such as one that opens a connection. */
  @FunctionalInterface
  public interface Login<C, X extends Exception> {

    C with(UsernamePassword credentials) throws X;
  }
}
