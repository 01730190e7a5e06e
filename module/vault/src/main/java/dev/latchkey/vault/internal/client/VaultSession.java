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
 * The application's one login. Its token is renewed when two thirds of its time are over; where
 * that does not give it its whole time again, another login takes its place before it ends. What
 * was given from outside (a token, a token file) is not known to have a time until the server is
 * asked, which is done a little later, so that no start waits for it.
 */
final class VaultSession implements SessionManager {

  private static final Logger logger = LoggerFactory.getLogger(VaultSession.class);

  private static final Duration FIRST_QUESTION = Duration.ofSeconds(2);
  private static final Duration SHORTEST = Duration.ofSeconds(1);

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
   * Calls {@code listener} after every login but the first, on the thread that logs in, with the
   * time at which the one before ends, or did end.
   */
  void onLogin(Consumer<Instant> listener) {
    listeners.add(listener);
  }

  /**
   * @throws LatchkeyException if there is no login any more, since nobody would end another one
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

  /** Lets the next request log in again, unless another one did so since this token was refused. */
  void forget(VaultToken refused) {
    lock.lock();
    try {
      if (isInUse(refused)) {
        token = null;
      }
    } finally {
      lock.unlock();
    }
  }

  private boolean isInUse(VaultToken other) {
    VaultToken current = token;
    return current != null && current.equals(other);
  }

  private VaultToken login() {
    if (closed) {
      throw stopped();
    }
    Instant at = now();
    VaultToken next = authentication.login();
    use(next, at, now(), FIRST_QUESTION);
    return next;
  }

  private static LatchkeyException stopped() {
    return new LatchkeyException(
        "The application has stopped, and with it its login to Vault", "Ask while it runs.");
  }

  /**
   * Takes a token into use.
   *
   * @param at when it was asked for
   * @param beforeEndsAt when the one before ends
   * @param firstQuestion after what time a given one is asked how long it lives
   */
  private void use(VaultToken next, Instant at, Instant beforeEndsAt, Duration firstQuestion) {
    if (!isTaken(next)) {
      end(next);
      throw stopped();
    }
    VaultToken before = last;
    last = next;
    if (before != null && !before.equals(next)) {
      listeners.forEach(listener -> listener.accept(beforeEndsAt));
    }
    if (next instanceof LoginToken login) {
      follow(new Term(next, login.getLeaseDuration(), login.isRenewable(), at));
    } else {
      schedule(() -> lookUp(next), firstQuestion);
    }
  }

  /** False if the application stopped while it logged in. */
  private synchronized boolean isTaken(VaultToken next) {
    if (!closed) {
      token = next;
    }
    return !closed;
  }

  /** Asks how long a given token lives. A policy may deny that: then nobody knows. */
  private void lookUp(VaultToken given) {
    Instant at = now();
    Map<String, Object> data;
    try {
      data = exchange(HttpMethod.GET, "auth/token/lookup-self", given, null).getData();
    } catch (RestClientException ex) {
      if (isInUse(given)
          && !(ex instanceof RestClientResponseException answer && isRefusal(answer))) {
        schedule(() -> lookUp(given), FIRST_QUESTION);
      }
      return;
    }
    if (data != null) {
      follow(
          new Term(
              given, seconds(data.get("ttl")), Boolean.TRUE.equals(data.get("renewable")), at));
    }
  }

  /** Whether asking again would give the same answer. */
  private static boolean isRefusal(RestClientResponseException answer) {
    return answer.getStatusCode().is4xxClientError() && answer.getStatusCode().value() != 429;
  }

  /** Plans what is next for a token that is in use. */
  private void follow(Term term) {
    if (!term.lasting().isZero()) {
      Instant due = term.since().plus(term.lasting().multipliedBy(2).dividedBy(3));
      schedule(() -> extend(term), Duration.between(now(), due));
    }
  }

  private void extend(Term term) {
    if (!isInUse(term.token)) {
      return;
    }
    try {
      Term renewed = term.renewable ? renew(term) : null;
      if (renewed != null && renewed.isWholeOf(term)) {
        follow(renewed);
      } else {
        replace(term);
      }
    } catch (RuntimeException ex) {
      postpone(term, ex);
    }
  }

  /** Null where that is denied, such as to a token without the default policy. */
  private @Nullable Term renew(Term term) {
    Instant at = now();
    Map<String, Object> auth;
    try {
      auth =
          exchange(
                  HttpMethod.POST,
                  "auth/token/renew-self",
                  term.token,
                  Map.of("increment", term.lasting.toSeconds()))
              .getAuth();
    } catch (RestClientResponseException ex) {
      if (isRefusal(ex)) {
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

  /**
   * Logs in again. What was given from outside may still be the same: then it is asked for again.
   */
  private void replace(Term term) {
    lock.lock();
    try {
      if (!isInUse(term.token)) {
        return;
      }
      Instant at = now();
      VaultToken next = authentication.login();
      if (next.equals(term.token)) {
        postpone(term, null);
        return;
      }
      logger.info("Logged in again, before the login before ended");
      use(next, at, term.endsAt(), Duration.ZERO);
    } finally {
      lock.unlock();
    }
  }

  private void postpone(Term term, @Nullable RuntimeException failure) {
    Duration left = Duration.between(now(), term.endsAt());
    if (left.isNegative()) {
      return; // the next request finds out, and logs in
    }
    if (failure != null) {
      logger.warn(
          "The login, which ends in {}s, was not extended: {}",
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
            logger.debug("The login was not looked after: {}", ex.getClass().getSimpleName());
          }
        };
    try {
      Duration next = delay.compareTo(SHORTEST) < 0 ? SHORTEST : delay;
      scheduler.schedule(guarded, now().plus(next));
    } catch (RejectedExecutionException ex) {
      logger.debug("The login is not looked after any more");
    }
  }

  /** Ends the login, if it was one of its own. There is none after it. */
  void close() {
    VaultToken current;
    synchronized (this) {
      closed = true;
      current = token;
      token = null;
    }
    if (current != null) {
      end(current);
    }
  }

  private void end(VaultToken last) {
    if (last instanceof LoginToken login && login.isServiceToken()) {
      try {
        exchange(HttpMethod.POST, "auth/token/revoke-self", last, null);
      } catch (RestClientException ex) {
        logger.warn("The login was not ended: {}", ex.getClass().getSimpleName());
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
   * How long a token lives.
   *
   * @param lasting from {@code since} on; zero if it never ends
   */
  private record Term(VaultToken token, Duration lasting, boolean renewable, Instant since) {

    Instant endsAt() {
      return since.plus(lasting);
    }

    /** Near its greatest age a token is granted less than it had. */
    boolean isWholeOf(Term before) {
      return lasting.plusSeconds(1).compareTo(before.lasting) >= 0;
    }

    @Override
    public String toString() {
      return "Term[lasting=%s, renewable=%s]".formatted(lasting, renewable);
    }
  }
}
