package dev.latchkey.secret.rotating.internal;

import dev.latchkey.LatchkeyException;
import dev.latchkey.NearestName;
import dev.latchkey.secret.RotatingSecret;
import dev.latchkey.secret.RotatingSource;
import dev.latchkey.secret.SecretEvent;
import dev.latchkey.secret.SecretReference;
import dev.latchkey.secret.SecretStatus;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The secrets of one application that rotate: by the name that they are configured with, and by the
 * path that a property refers to.
 *
 * @since 0.1
 */
public final class RotatingSecrets implements AutoCloseable {

  /** How long a stop waits for all leases to end. */
  private static final Duration LAST_WORDS = Duration.ofSeconds(5);

  private final Supplier<RotatingSource> opener;
  private final Duration interval;
  private final ScheduledExecutorService executor;
  private final Clock clock;
  private final Consumer<? super SecretEvent> events;
  private final RandomGenerator random = new SecureRandom();
  private final Map<String, SecretLoop> secrets = new LinkedHashMap<>();
  private final Map<String, RotatingSecretDefinition> waiting = new LinkedHashMap<>();
  private @Nullable RotatingSource source;
  private boolean closed;

  /**
   * @param source opened with the first secret
   * @param interval how often the source is asked for news
   * @param executor follows the secrets; it ends with this
   */
  public RotatingSecrets(
      Supplier<RotatingSource> source,
      Duration interval,
      ScheduledExecutorService executor,
      Clock clock,
      Consumer<? super SecretEvent> events) {
    this.opener = source;
    this.interval = interval;
    this.executor = executor;
    this.clock = clock;
    this.events = events;
  }

  /**
   * Reads secrets, side by side, and follows them from now on.
   *
   * @throws LatchkeyException the first failure, in the order of the definitions; what was lent for
   *     the others has been given back
   */
  public void open(List<RotatingSecretDefinition> definitions, Executor readers) {
    List<CompletableFuture<Void>> opening =
        definitions.stream()
            .map(this::add)
            .map(secret -> CompletableFuture.runAsync(secret::open, readers))
            .toList();
    CompletableFuture<Void> all =
        CompletableFuture.allOf(opening.toArray(CompletableFuture[]::new));
    try {
      all.handle((done, failure) -> done).join();
      opening.forEach(CompletableFuture::join);
    } catch (CompletionException ex) {
      close();
      throw ex.getCause() instanceof RuntimeException cause ? cause : ex;
    }
  }

  /** Reads each of these secrets when it is first asked for, which may be never. */
  public void openOnDemand(List<RotatingSecretDefinition> definitions) {
    synchronized (secrets) {
      definitions.forEach(each -> waiting.put(each.name(), each));
    }
  }

  /**
   * The secret of this name: the same object at every call.
   *
   * @throws LatchkeyException if there is none, or if it is read now and cannot be
   */
  public RotatingSecret get(String name) {
    return opened(
        each -> each.name().equals(name),
        () -> {
          throw unknown(name);
        });
  }

  /**
   * The secret at a path: the one that is configured for it, else one without a name, which is read
   * now. The same object at every call.
   *
   * @param reference a whole path
   * @throws LatchkeyException if it cannot be read
   */
  public RotatingSecret at(SecretReference reference) {
    return opened(
        each -> each.reference().equals(reference),
        () -> RotatingSecretDefinition.unnamed(reference));
  }

  private RotatingSecret opened(
      Predicate<RotatingSecretDefinition> wanted, Supplier<RotatingSecretDefinition> otherwise) {
    SecretLoop secret;
    synchronized (secrets) {
      secret =
          secrets.values().stream()
              .filter(each -> wanted.test(each.follower().definition()))
              .findFirst()
              .orElseGet(
                  () ->
                      add(
                          waiting.values().stream()
                              .filter(wanted)
                              .findFirst()
                              .orElseGet(otherwise)));
    }
    secret.open();
    return secret.follower().live();
  }

  /** How all secrets stand, by name, in the order in which they were configured. */
  public Map<String, SecretStatus> status() {
    Map<String, SecretStatus> status = new LinkedHashMap<>();
    all().stream()
        .filter(SecretLoop::isOpen)
        .forEach(each -> status.put(each.follower().definition().name(), each.follower().status()));
    return status;
  }

  /** How one secret stands, if there is one of this name. */
  public Optional<SecretStatus> status(String name) {
    return find(name).map(each -> each.follower().status());
  }

  /** Whether there is a secret of this name, be it that nobody has asked for it yet. */
  public boolean contains(String name) {
    synchronized (secrets) {
      return secrets.containsKey(name) || waiting.containsKey(name);
    }
  }

  /**
   * Reads a secret again now, and takes another lease if it comes with one; for the first time
   * where nobody has asked for it yet. On the calling thread.
   *
   * @throws LatchkeyException if there is none of this name, or the source does not give it; the
   *     last good value stays in use
   */
  public void rotate(String name) {
    SecretLoop secret = find(name).orElse(null);
    if (secret == null) {
      get(name);
    } else {
      secret.follower().rotate();
      secret.wake();
    }
  }

  /** Ends all leases, and follows no more. The last values stay in use. */
  @Override
  public void close() {
    List<SecretLoop> last;
    synchronized (secrets) {
      closed = true;
      last = all();
    }
    try {
      List<CompletableFuture<Void>> closing =
          last.stream()
              .map(secret -> CompletableFuture.runAsync(secret.follower()::close, executor))
              .toList();
      CompletableFuture.allOf(closing.toArray(CompletableFuture[]::new))
          .get(LAST_WORDS.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException ex) {
      Thread.currentThread().interrupt();
    } catch (RejectedExecutionException | ExecutionException | TimeoutException ex) {
      // closed before, or the source does not answer: then leases end by themselves
    }
    executor.shutdownNow();
  }

  private SecretLoop add(RotatingSecretDefinition definition) {
    synchronized (secrets) {
      if (closed) {
        throw new LatchkeyException(
            "The application has stopped, and reads no more secrets",
            "Read %s while it runs.".formatted(definition.reference()));
      }
      if (secrets.containsKey(definition.name())) {
        throw new LatchkeyException(
            "There are two secrets '%s'".formatted(definition.name()),
            "Give the one at %s a name of its own: latchkey.secrets.<name>.reference=%s."
                .formatted(definition.reference(), definition.reference()));
      }
      SecretFollower follower =
          new SecretFollower(
              definition,
              source(),
              interval,
              clock,
              random,
              new SecretJournal(definition.name(), events));
      SecretLoop secret = new SecretLoop(follower, executor, clock);
      secrets.put(definition.name(), secret);
      return secret;
    }
  }

  private RotatingSource source() {
    if (source == null) {
      source = opener.get();
      source.onLogin(this::loggedInAgain);
    }
    return source;
  }

  private void loggedInAgain(Instant beforeEndsAt) {
    all().stream()
        .filter(each -> each.follower().loggedInAgain(beforeEndsAt))
        .forEach(SecretLoop::wake);
  }

  private Optional<SecretLoop> find(String name) {
    return all().stream()
        .filter(each -> each.follower().definition().name().equals(name) && each.isOpen())
        .findFirst();
  }

  private List<SecretLoop> all() {
    synchronized (secrets) {
      return new ArrayList<>(secrets.values());
    }
  }

  private LatchkeyException unknown(String name) {
    List<String> names;
    synchronized (secrets) {
      names = Stream.concat(secrets.keySet().stream(), waiting.keySet().stream()).toList();
    }
    return new LatchkeyException(
        "There is no secret '%s'".formatted(name),
        NearestName.of(name, names)
            .map("Did you mean '%s'?"::formatted)
            .orElse(
                "Add it: latchkey.secrets.%s.reference=vault@secret/%s.".formatted(name, name)));
  }
}
