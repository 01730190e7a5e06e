package dev.latchkey.secret.rotating.internal;

import dev.latchkey.LatchkeyException;
import dev.latchkey.follow.internal.Followers;
import dev.latchkey.internal.NearestName;
import dev.latchkey.secret.RotatingSecret;
import dev.latchkey.secret.SecretEvent;
import dev.latchkey.secret.SecretReference;
import dev.latchkey.secret.SecretSource;
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
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The rotating secrets of one application: those with a configured name, and those at a path that a
 * property refers to. A secret is read when it is first used; {@link #openUsed} reads those that
 * are going to be.
 *
 * @since 0.1
 */
public final class RotatingSecrets implements AutoCloseable {

  /** How long closing waits for all leases to be revoked. */
  private static final Duration REVOCATION_TIMEOUT = Duration.ofSeconds(5);

  private final Supplier<SecretSource> opener;
  private final Duration interval;
  private final Followers followers;
  private final Clock clock;
  private final Consumer<? super SecretEvent> events;
  private final RandomGenerator random = new SecureRandom();
  private final Map<String, RotatingSecretDefinition> definitions = new LinkedHashMap<>();
  private final Map<String, OpenableSecret> secrets = new LinkedHashMap<>();
  private final List<Consumer<String>> listeners = new CopyOnWriteArrayList<>();
  private final Object sourceLock = new Object();
  private @Nullable SecretSource source;
  private boolean closed;

  /**
   * @param definitions the configured secrets
   * @param source opened with the first secret that is read
   * @param interval how often to poll the source
   */
  public RotatingSecrets(
      List<RotatingSecretDefinition> definitions,
      Supplier<SecretSource> source,
      Duration interval,
      Followers followers,
      Clock clock,
      Consumer<? super SecretEvent> events) {
    definitions.forEach(each -> this.definitions.put(each.name(), each));
    this.opener = source;
    this.interval = interval;
    this.followers = followers;
    this.clock = clock;
    this.events = events;
  }

  /**
   * The secret of this name: the same object for every call. It is read when it is first used.
   *
   * @throws LatchkeyException if there is none
   */
  public RotatingSecret get(String name) {
    return used(name).follower().live();
  }

  /**
   * The secret at a path: the one that is configured for it, otherwise one without a name. It is
   * read now. The same object for every call.
   *
   * @param reference a whole path
   * @throws LatchkeyException if it cannot be read
   */
  public RotatingSecret at(SecretReference reference) {
    OpenableSecret secret =
        used(
            each -> each.reference().equals(reference),
            () -> RotatingSecretDefinition.unnamed(reference));
    secret.open();
    return secret.follower().live();
  }

  private OpenableSecret used(String name) {
    return used(
        each -> each.name().equals(name),
        () -> {
          throw unknown(name);
        });
  }

  private OpenableSecret used(
      Predicate<RotatingSecretDefinition> wanted, Supplier<RotatingSecretDefinition> otherwise) {
    synchronized (secrets) {
      return secrets.values().stream()
          .filter(each -> wanted.test(each.follower().definition()))
          .findFirst()
          .orElseGet(
              () ->
                  add(
                      definitions.values().stream()
                          .filter(wanted)
                          .findFirst()
                          .orElseGet(otherwise)));
    }
  }

  private OpenableSecret add(RotatingSecretDefinition definition) {
    String name = definition.name();
    if (closed) {
      throw new LatchkeyException(
          "Cannot read %s: the application has stopped".formatted(definition.reference()),
          "Read it while the application runs.");
    }
    if (secrets.containsKey(name)) {
      throw new LatchkeyException(
          "There are two secrets named '%s'".formatted(name),
          "Configure a secret with another name and the reference %s."
              .formatted(definition.reference()));
    }
    SecretFollower follower =
        new SecretFollower(
            definition, this::source, interval, clock, random, new SecretEvents(name, events));
    OpenableSecret secret =
        new OpenableSecret(
            follower, followers, () -> listeners.forEach(listener -> listener.accept(name)));
    secrets.put(name, secret);
    return secret;
  }

  private SecretSource source() {
    synchronized (sourceLock) {
      if (source == null) {
        source = opener.get();
        source.onLogin(this::loggedInAgain);
      }
      return source;
    }
  }

  private void loggedInAgain(Instant previousEndsAt) {
    all().forEach(each -> each.loggedInAgain(previousEndsAt));
  }

  /**
   * Reads, in parallel, the secrets that have been handed out and not been read yet.
   *
   * @throws LatchkeyException the first failure, in the order in which the secrets were handed out;
   *     all leases have been revoked then
   */
  public void openUsed(Executor readers) {
    List<CompletableFuture<Void>> opening =
        all().stream()
            .filter(secret -> !secret.isOpen())
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

  /** How many secrets {@link #openUsed} would read. */
  public int unopened() {
    return (int) all().stream().filter(secret -> !secret.isOpen()).count();
  }

  /** Calls {@code listener} with the name of each secret once it has been read, now or later. */
  public void onOpen(Consumer<String> listener) {
    listeners.add(listener);
    all().stream().filter(OpenableSecret::isOpen).map(OpenableSecret::name).forEach(listener);
  }

  /** The status of all secrets that have been read, by name. */
  public Map<String, SecretStatus> status() {
    Map<String, SecretStatus> status = new LinkedHashMap<>();
    all().stream()
        .filter(OpenableSecret::isOpen)
        .forEach(each -> status.put(each.name(), each.follower().status()));
    return status;
  }

  /** The status of one secret, if there is one of this name and it has been read. */
  public Optional<SecretStatus> status(String name) {
    return all().stream()
        .filter(each -> each.name().equals(name) && each.isOpen())
        .findFirst()
        .map(each -> each.follower().status());
  }

  /** Whether there is a secret of this name, read or not. */
  public boolean contains(String name) {
    synchronized (secrets) {
      return secrets.containsKey(name) || definitions.containsKey(name);
    }
  }

  /**
   * Reads a secret again now, which requests other credentials if it is leased. Runs on the calling
   * thread.
   *
   * @throws LatchkeyException if no secret has this name, or it cannot be read; the last good value
   *     stays in use
   */
  public void rotate(String name) {
    used(name).rotate();
  }

  /** Revokes all leases, and follows no longer. The last values stay in use. */
  @Override
  public void close() {
    List<OpenableSecret> last;
    synchronized (secrets) {
      closed = true;
      last = all();
    }
    try {
      CompletableFuture.allOf(
              last.stream().map(OpenableSecret::close).toArray(CompletableFuture[]::new))
          .get(REVOCATION_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException ex) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException ex) {
      // the source does not respond: then leases expire on their own
    }
  }

  private List<OpenableSecret> all() {
    synchronized (secrets) {
      return new ArrayList<>(secrets.values());
    }
  }

  private LatchkeyException unknown(String name) {
    List<String> names =
        Stream.concat(definitions.keySet().stream(), secrets.keySet().stream()).distinct().toList();
    return new LatchkeyException(
        "There is no secret named '%s'".formatted(name),
        NearestName.of(name, names)
            .map("Did you mean '%s'?"::formatted)
            .orElse(
                names.isEmpty()
                    ? "Configure it: there are no secrets."
                    : "Configure it, or use one of %s.".formatted(String.join(", ", names))));
  }
}
