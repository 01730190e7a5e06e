package dev.latchkey.vault.internal.client;

import dev.latchkey.LatchkeyException;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpMethod;
import org.springframework.scheduling.concurrent.ThreadPoolTaskScheduler;
import org.springframework.vault.VaultException;
import org.springframework.vault.authentication.ClientAuthentication;
import org.springframework.vault.support.VaultToken;
import org.springframework.web.client.ResourceAccessException;
import org.springframework.web.client.RestClientResponseException;
import org.springframework.web.client.RestOperations;
import tools.jackson.databind.JsonNode;

/**
 * The application's only connection to Vault: one HTTP client and one login, shared by keysets and
 * secrets. Creating it sends nothing.
 */
public final class VaultConnection implements AutoCloseable {

  private static final Pattern PATH =
      Pattern.compile("%1$s+(?:/%1$s+)*".formatted("(?:[A-Za-z0-9_.-]|%[0-9A-F]{2})"));

  private final VaultAddress address;
  private final VaultHttp http;
  private final ThreadPoolTaskScheduler scheduler;
  private final VaultSession session;
  private final ReadProofs proofs;
  private final StartupRetry startupRetry;

  private VaultConnection(
      VaultAddress address,
      VaultSettings settings,
      Function<RestOperations, ClientAuthentication> authentication,
      LongSupplier nanoTime) {
    this.address = address;
    this.http = new VaultHttp(address, settings);
    this.scheduler = scheduler();
    this.proofs = new ReadProofs(this, settings.proofInterval(), settings.proofRetry(), nanoTime);
    this.startupRetry = new StartupRetry(settings.startupRetry(), address, nanoTime);
    this.session = new VaultSession(authentication.apply(http.logins()), scheduler, http.logins());
  }

  /**
   * Prepares a connection.
   *
   * @param authentication creates the login from the client that sends it
   * @throws LatchkeyException if the address is invalid, or plain http to another machine
   */
  public static VaultConnection to(
      VaultSettings settings, Function<RestOperations, ClientAuthentication> authentication) {
    return to(settings, authentication, System::nanoTime);
  }

  /**
   * Prepares a connection with a clock of its own for read proofs.
   *
   * @param nanoTime the age of a read proof, as {@link System#nanoTime()} measures it
   */
  public static VaultConnection to(
      VaultSettings settings,
      Function<RestOperations, ClientAuthentication> authentication,
      LongSupplier nanoTime) {
    VaultAddress address =
        VaultAddress.parse(settings.uri(), settings.allowPlainHttp(), settings.namespace());
    return new VaultConnection(address, settings, authentication, nanoTime);
  }

  public VaultAnswer get(String path) {
    return get(path, null, proofs.index());
  }

  /**
   * Reads a path.
   *
   * @param query query string without the question mark, or null
   * @param index replication index that the responding node must have reached, or null
   */
  public VaultAnswer get(String path, @Nullable String query, @Nullable String index) {
    String checked = checked(path);
    return exchange(HttpMethod.GET, query == null ? checked : checked + "?" + query, null, index);
  }

  /**
   * Posts a JSON body. Jackson writes byte arrays as Base64 without an intermediate String, and the
   * body is wiped afterwards: it may contain keys.
   */
  public VaultAnswer post(String path, Object body) {
    byte[] json = VaultAnswer.JSON.writeValueAsBytes(body);
    try {
      return exchange(HttpMethod.POST, checked(path), json, proofs.index());
    } finally {
      Arrays.fill(json, (byte) 0);
    }
  }

  /** A boolean that an unauthenticated endpoint reports; empty if it reports none. */
  Optional<Boolean> ask(String path, String field) {
    JsonNode value = http.exchange(HttpMethod.GET, path, null, null, null).body().path(field);
    return value.isBoolean() ? Optional.of(value.booleanValue()) : Optional.empty();
  }

  /** Errors for one attempt at a path. */
  public VaultErrors errors(String attempt, String path, String mounting, String... capabilities) {
    return new VaultErrors(address, attempt, PolicyLine.allowing(path, capabilities), mounting);
  }

  public ReadProofs proofs() {
    return proofs;
  }

  /**
   * Calls {@code listener} after every login except the first, on the thread that logs in, with the
   * time at which the previous login expires.
   */
  public void onLogin(Consumer<Instant> listener) {
    session.onLogin(listener);
  }

  boolean hasAnswered() {
    return http.hasAnswered();
  }

  public VaultAddress address() {
    return address;
  }

  private String checked(String path) {
    if (!PATH.matcher(path).matches() || ("/" + path + "/").contains("/../")) {
      throw new LatchkeyException(
          "Invalid path '%s' in %s".formatted(path, address),
          "Use segments of letters, digits, '-', '_' and '.', or percent-encode, joined by '/'.");
    }
    return path;
  }

  private VaultAnswer exchange(
      HttpMethod method, String path, byte @Nullable [] body, @Nullable String index) {
    return startupRetry.execute(() -> exchangeOnce(method, path, body, index));
  }

  private VaultAnswer exchangeOnce(
      HttpMethod method, String path, byte @Nullable [] body, @Nullable String index) {
    VaultToken token = login();
    VaultAnswer answer = http.exchange(method, path, body, index, token);
    if (answer.isDenied() && hasAnotherTokenThan(token)) {
      answer = http.exchange(method, path, body, proofs.index(), login());
    }
    return answer;
  }

  /**
   * If several requests are denied at the same time, the first one logs in again for all of them.
   */
  private boolean hasAnotherTokenThan(VaultToken used) {
    if (!isTokenInvalid(used)) {
      return !login().equals(used);
    }
    session.forget(used);
    if (login().equals(used)) {
      throw new LatchkeyException(
          "%s rejected the token: it is mistyped, expired or revoked".formatted(address),
          "Provide a valid token with latchkey.vault.token-file or latchkey.vault.token. `vault token"
              + " lookup` shows whether a token is valid.");
    }
    return true;
  }

  private VaultToken login() {
    try {
      return session.getSessionToken();
    } catch (VaultException ex) {
      throw loginFailure(ex);
    } catch (ResourceAccessException ex) {
      throw Unreachable.because(ex, address);
    }
  }

  private LatchkeyException loginFailure(VaultException failure) {
    if (failure.getCause() instanceof ResourceAccessException
        || failure.contains(BoundedResponse.TooLongException.class)) {
      return Unreachable.because(failure, address);
    }
    if (failure.getCause() instanceof RestClientResponseException response) {
      VaultAnswer answer = VaultAnswer.of(response);
      if (answer.isOutage()) {
        return errors("log in", "auth/*", "", "update").of(answer);
      }
    }
    String reason = String.valueOf(failure.getMessage());
    return new LatchkeyException(
        "%s rejected the login: %s".formatted(address, reason),
        reason.contains("wrapping token")
            ? "Provide a new wrapping token: it can be unwrapped only once, before it expires. If this"
                + " application did not unwrap it, treat its content as compromised and revoke it."
            : "Check latchkey.vault.authentication and the credentials for that method.",
        failure);
  }

  /**
   * Whether a token is invalid, as opposed to lacking a policy. A valid token without the default
   * policy cannot look itself up either, but the error for that differs.
   */
  private boolean isTokenInvalid(VaultToken token) {
    VaultAnswer self =
        http.exchange(HttpMethod.GET, "auth/token/lookup-self", null, proofs.index(), token);
    return self.isDenied() && !(self.says("1 error occurred") && self.says("permission denied"));
  }

  private static ThreadPoolTaskScheduler scheduler() {
    ThreadPoolTaskScheduler scheduler = new ThreadPoolTaskScheduler();
    scheduler.setThreadNamePrefix("latchkey-login-");
    scheduler.setPoolSize(2); // a lease renewal that waits must not delay the login's renewal
    scheduler.setDaemon(true);
    scheduler.initialize();
    return scheduler;
  }

  /** Called once the application has started: from now on, no request is repeated. */
  public void startupIsOver() {
    startupRetry.startupIsOver();
  }

  /** Stops all background tasks and revokes the token, unless it was provided from outside. */
  @Override
  public void close() {
    session.close();
    scheduler.shutdown();
  }

  @Override
  public String toString() {
    return address.toString();
  }
}
