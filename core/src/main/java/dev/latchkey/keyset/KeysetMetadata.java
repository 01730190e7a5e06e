package dev.latchkey.keyset;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.latchkey.LatchkeyException;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a keyset's keys: everything but their bytes.
 *
 * @param owner the application that owns the keyset
 * @param name the keyset's name there
 * @param operation a random id of the write that made this, so that its writer recognises it when
 *     the answer was lost
 * @param keys in the order in which they were made; exactly one is {@link KeyState#ACTIVE}, at most
 *     one {@link KeyState#PENDING}
 * @param restores how often the keyset was restored from the memory of an instance, after the store
 *     had gone back: what was restored more often is newer, whatever its generation
 * @since 0.1
 */
public record KeysetMetadata(
    String owner,
    String name,
    String operation,
    List<KeyMetadata> keys,
    @JsonInclude(JsonInclude.Include.NON_DEFAULT) long restores) {

  public KeysetMetadata {
    Objects.requireNonNull(owner);
    Objects.requireNonNull(name);
    Objects.requireNonNull(operation);
    keys = List.copyOf(keys);
    Set<Long> ids = new HashSet<>();
    for (KeyMetadata key : keys) {
      if (!ids.add(key.id())) {
        throw new IllegalArgumentException("key id %d is given twice".formatted(key.id()));
      }
    }
    requireCount(keys, KeyState.ACTIVE, 1, 1);
    requireCount(keys, KeyState.PENDING, 0, 1);
  }

  /** A keyset that was never restored. */
  public KeysetMetadata(String owner, String name, String operation, List<KeyMetadata> keys) {
    this(owner, name, operation, keys, 0);
  }

  private static void requireCount(List<KeyMetadata> keys, KeyState state, int min, int max) {
    long count = keys.stream().filter(key -> key.state() == state).count();
    if (count < min || count > max) {
      throw new IllegalArgumentException("%d keys are %s".formatted(count, state));
    }
  }

  /** The key that encrypts, computes or signs. */
  public KeyMetadata active() {
    return first(KeyState.ACTIVE).orElseThrow();
  }

  /** The spare: the key that is promoted next. */
  public Optional<KeyMetadata> spare() {
    return first(KeyState.PENDING);
  }

  /** The key with an id, a destroyed one too. */
  public Optional<KeyMetadata> find(long id) {
    return keys.stream().filter(key -> key.id() == id).findFirst();
  }

  /**
   * These keys, a spare of them as published only since its public half is, too.
   *
   * @param publicHalf what the store holds of public halves; null if that is none
   * @param storeNow taken for a public half that is not published yet
   */
  public KeysetMetadata alsoPublishedIn(@Nullable KeysetSnapshot publicHalf, Instant storeNow) {
    return with(
        key ->
            key.state() != KeyState.PENDING
                ? key
                : key.publishedNotBefore(publishedAt(publicHalf, key.id()).orElse(storeNow)));
  }

  /** As a public half says itself, but not later than the store took it: it is not signed. */
  private static Optional<Instant> publishedAt(@Nullable KeysetSnapshot publicHalf, long id) {
    if (publicHalf == null) {
      return Optional.empty();
    }
    Instant latest = publicHalf.createdAt();
    return publicHalf
        .metadata()
        .find(id)
        .map(KeyMetadata::publishedAt)
        .map(told -> told.isAfter(latest) ? latest : told);
  }

  /**
   * Makes Tink ready for these keys: needed before their bytes are parsed.
   *
   * @throws IllegalArgumentException if one was made by a template that is not known here
   */
  void register() {
    try {
      keys.forEach(key -> KeysetTemplate.of(key.template()).family().register());
    } catch (LatchkeyException ex) {
      throw new IllegalArgumentException(ex.getMessage(), ex);
    }
  }

  KeysetMetadata completed(Instant createdAt) {
    return with(key -> key.completed(createdAt));
  }

  private KeysetMetadata with(UnaryOperator<KeyMetadata> change) {
    return new KeysetMetadata(owner, name, operation, keys.stream().map(change).toList(), restores);
  }

  private Optional<KeyMetadata> first(KeyState state) {
    return keys.stream().filter(key -> key.state() == state).findFirst();
  }
}
