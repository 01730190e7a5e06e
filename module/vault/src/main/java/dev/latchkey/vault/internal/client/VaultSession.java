package dev.latchkey.vault.internal.client;

import dev.latchkey.LatchkeyException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpEntity;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.scheduling.TaskScheduler;
import org.springframework.vault.VaultException;
import org.springframework.vault.authentication.ClientAuthentication;
import org.springframework.vault.authentication.LoginToken;
import org.springframework.vault.authentication.SessionManager;
import org.springframework.vault.client.VaultHttpHeaders;
import org.springframework.vault.support.VaultResponse;
import org.springframework.vault.support.VaultToken;
import org.springframework.web.client.RestClientException;
import org.springframework.web.client.RestClientResponseException;
import org.springframework.web.client.RestOperations;

/**
 * The application's login. After two thirds of the token's TTL, Latchkey renews the token; if
 * renewal is denied or does not restore the full TTL, it logs in again before the token expires.
 * Spring Vault's session manager replaces no token that cannot be renewed.
 *
 * <p>The TTL of a token that was provided from outside is unknown at first. Latchkey looks it up
 * shortly after startup, so that startup does not wait for it.
 */
final class VaultSession implements SessionManager {

  private static final Logger logger = LoggerFactory.getLogger(VaultSession.class);

  private static final Duration LOOKUP_DELAY = Duration.ofSeconds(2);
  private static final Duration MIN_DELAY = Duration.ofSeconds(1);

  private final ClientAuthentication authentication;
  private final TaskScheduler scheduler;
  private final RestOperations operations;
  private final List<Consumer<Instant>> listeners = new CopyOnWriteArrayList<>();
  private final ReentrantLock lock = new ReentrantLock();
  private volatile @Nullable VaultToken token;
  private volatile boolean closed;
  private @Nullable VaultToken last;

  VaultSession(
      ClientAuthentication authentication, TaskScheduler scheduler, RestOperations operations) {
    this.authentication = authentication;
    this.scheduler = scheduler;
    this.operations = operations;
  }

  /**
   * Calls {@code listener} after every login except the first, on the thread that logs in, with the
   * time at which the previous token expires or expired.
   */
  void onLogin(Consumer<Instant> listener) {
    listeners.add(listener);
  }

  /**
   * The token to use, after a login if necessary.
   *
   * @throws LatchkeyException after {@link #close()}, since another token would never be revoked
   */
  @Override
  public VaultToken getSessionToken() {
    VaultToken current = token;
    if (current != null) {
      return current;
    }
    lock.lock();
    try {
      current = token;
      return current != null ? current : login();
    } finally {
      lock.unlock();
    }
  }

  /** Makes the next request log in, unless another one did so since the token was rejected. */
  void forget(VaultToken rejected) {
    lock.lock();
    try {
      if (isCurrent(rejected)) {
        token = null;
      }
    } finally {
      lock.unlock();
    }
  }

  private boolean isCurrent(VaultToken other) {
    VaultToken current = token;
    return current != null && current.equals(other);
  }

  private VaultToken login() {
    if (closed) {
      throw stopped();
    }
    Instant at = now();
    VaultToken next = authentication.login();
    use(next, at, now(), LOOKUP_DELAY);
    return next;
  }

  private static LatchkeyException stopped() {
    return new LatchkeyException(
        "Vault is no longer available: the application has stopped",
        "Send requests only while the application is running.");
  }

  /**
   * Starts using a token.
   *
   * @param at when the login was sent
   * @param previousExpiresAt when the previous token expires
   * @param lookupDelay when to look up the TTL of a token that was provided from outside
   */
  private void use(VaultToken next, Instant at, Instant previousExpiresAt, Duration lookupDelay) {
    if (!activate(next)) {
      revoke(next);
      throw stopped();
    }
    VaultToken previous = last;
    last = next;
    if (previous != null && !previous.equals(next)) {
      listeners.forEach(listener -> listener.accept(previousExpiresAt));
    }
    if (next instanceof LoginToken login) {
      follow(new Term(next, login.getLeaseDuration(), login.isRenewable(), at));
    } else {
      schedule(() -> lookUp(next), lookupDelay);
    }
  }

  /** False if the application stopped during the login. */
  private synchronized boolean activate(VaultToken next) {
    if (!closed) {
      token = next;
    }
    return !closed;
  }

  /** Looks up the TTL of a token. If permission is denied, the TTL stays unknown. */
  private void lookUp(VaultToken provided) {
    Instant at = now();
    Map<String, Object> data;
    try {
      data = exchange(HttpMethod.GET, "auth/token/lookup-self", provided, null).getData();
    } catch (RestClientException ex) {
      if (isCurrent(provided)
          && !(ex instanceof RestClientResponseException response && isFinal(response))) {
        schedule(() -> lookUp(provided), LOOKUP_DELAY);
      }
      return;
    }
    if (data != null) {
      follow(
          new Term(
              provided, seconds(data.get("ttl")), Boolean.TRUE.equals(data.get("renewable")), at));
    }
  }

  /** Whether the same request would get the same response again. */
  private static boolean isFinal(RestClientResponseException response) {
    return response.getStatusCode().is4xxClientError() && response.getStatusCode().value() != 429;
  }

  /** Schedules the renewal of a token, unless it never expires. */
  private void follow(Term term) {
    if (!term.ttl().isZero()) {
      Instant due = term.since().plus(term.ttl().multipliedBy(2).dividedBy(3));
      schedule(() -> extend(term), Duration.between(now(), due));
    }
  }

  private void extend(Term term) {
    if (!isCurrent(term.token)) {
      return;
    }
    try {
      Term renewed = term.renewable ? renew(term) : null;
      if (renewed != null && renewed.isAsLongAs(term)) {
        follow(renewed);
      } else {
        replace(term);
      }
    } catch (RuntimeException ex) {
      postpone(term, ex);
    }
  }

  /** Null if renewal is denied, for example for a token without the default policy. */
  private @Nullable Term renew(Term term) {
    Instant at = now();
    Map<String, Object> auth;
    try {
      auth =
          exchange(
                  HttpMethod.POST,
                  "auth/token/renew-self",
                  term.token,
                  Map.of("increment", term.ttl.toSeconds()))
              .getAuth();
    } catch (RestClientResponseException ex) {
      if (isFinal(ex)) {
        return null;
      }
      throw ex;
    }
    return new Term(
        term.token,
        seconds(auth == null ? null : auth.get("lease_duration")),
        auth != null && Boolean.TRUE.equals(auth.get("renewable")),
        at);
  }

  /** Logs in again. If the token that is provided from outside is unchanged, tries again later. */
  private void replace(Term term) {
    lock.lock();
    try {
      if (!isCurrent(term.token)) {
        return;
      }
      Instant at = now();
      VaultToken next = authentication.login();
      if (next.equals(term.token)) {
        postpone(term, null);
        return;
      }
      logger.info("Logged in to Vault again before the previous token expires");
      use(next, at, term.expiresAt(), Duration.ZERO);
    } finally {
      lock.unlock();
    }
  }

  private void postpone(Term term, @Nullable RuntimeException failure) {
    Duration left = Duration.between(now(), term.expiresAt());
    if (left.isNegative()) {
      return; // the next request is denied and logs in
    }
    if (failure != null) {
      logger.warn(
          "Could not renew the Vault token, which expires in {}s: {}",
          left.toSeconds(),
          failure instanceof VaultException || failure instanceof LatchkeyException
              ? failure.getMessage()
              : failure.getClass().getSimpleName());
    }
    schedule(() -> extend(term), left.dividedBy(4));
  }

  private VaultResponse exchange(
      HttpMethod method, String path, VaultToken with, @Nullable Object body) {
    HttpHeaders headers = VaultHttpHeaders.from(with);
    VaultResponse response =
        operations
            .exchange(path, method, new HttpEntity<>(body, headers), VaultResponse.class)
            .getBody();
    return response != null ? response : new VaultResponse();
  }

  private void schedule(Runnable task, Duration delay) {
    Runnable guarded =
        () -> {
          try {
            if (!closed) {
              task.run();
            }
          } catch (RuntimeException ex) {
            logger.debug("Could not check the Vault token: {}", ex.getClass().getSimpleName());
          }
        };
    try {
      Duration next = delay.compareTo(MIN_DELAY) < 0 ? MIN_DELAY : delay;
      scheduler.schedule(guarded, now().plus(next));
    } catch (RejectedExecutionException ex) {
      logger.debug("The Vault token is no longer renewed");
    }
  }

  /** Revokes the token, unless it was provided from outside. No login follows. */
  void close() {
    VaultToken current;
    synchronized (this) {
      closed = true;
      current = token;
      token = null;
    }
    if (current != null) {
      revoke(current);
    }
  }

  private void revoke(VaultToken token) {
    if (token instanceof LoginToken login && login.isServiceToken()) {
      try {
        exchange(HttpMethod.POST, "auth/token/revoke-self", token, null);
      } catch (RestClientException ex) {
        logger.warn("Could not revoke the Vault token: {}", ex.getClass().getSimpleName());
      }
    }
  }

  private Instant now() {
    return scheduler.getClock().instant();
  }

  private static Duration seconds(@Nullable Object number) {
    return number instanceof Number seconds
        ? Duration.ofSeconds(seconds.longValue())
        : Duration.ZERO;
  }

  /**
   * A token's time to live.
   *
   * @param ttl from {@code since} on; zero if the token never expires
   */
  private record Term(VaultToken token, Duration ttl, boolean renewable, Instant since) {

    Instant expiresAt() {
      return since.plus(ttl);
    }

    /** Near its maximum TTL, a token is renewed for less than before. */
    boolean isAsLongAs(Term previous) {
      return ttl.plusSeconds(1).compareTo(previous.ttl) >= 0;
    }

    @Override
    public String toString() {
      return "Term[ttl=%s, renewable=%s]".formatted(ttl, renewable);
    }
  }
}
