package dev.latchkey.key;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * The metadata of a keyset: everything except the bytes of its keys.
 *
 * @param owner the application that owns the keyset
 * @param name the keyset's name there
 * @param operation a random id of the write, by which the writer recognizes it if the response was
 *     lost
 * @param keys in order of creation; exactly one is {@link KeyState#ACTIVE}, at most one {@link
 *     KeyState#PENDING}
 * @param restores how often the keyset was restored from the memory of an instance: what was
 *     restored more often is newer, whatever its generation
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
        throw new IllegalArgumentException("key id %d occurs twice".formatted(key.id()));
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

  /** The key with an id, including destroyed keys. */
  public Optional<KeyMetadata> find(long id) {
    return keys.stream().filter(key -> key.id() == id).findFirst();
  }

  /** This keyset with each key changed. */
  public KeysetMetadata with(UnaryOperator<KeyMetadata> change) {
    return new KeysetMetadata(owner, name, operation, keys.stream().map(change).toList(), restores);
  }

  private Optional<KeyMetadata> first(KeyState state) {
    return keys.stream().filter(key -> key.state() == state).findFirst();
  }
}
