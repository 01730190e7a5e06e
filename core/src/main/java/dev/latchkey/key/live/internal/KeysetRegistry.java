package dev.latchkey.key.live.internal;

import dev.latchkey.LatchkeyException;
import dev.latchkey.key.KeyMetadata;
import dev.latchkey.key.KeysetAccess;
import dev.latchkey.key.PrimitiveFamily;
import dev.latchkey.key.internal.KeyIds;
import dev.latchkey.key.internal.KeysetSnapshot;
import dev.latchkey.key.live.Reencryptor;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The keysets of one application by name: the generation of each that is in use, and primitives
 * that stay the same objects while their keys change.
 */
public final class KeysetRegistry {

  private final Map<String, Entry> entries;
  private volatile Predicate<String> unknownKey = name -> false;

  /**
   * @param families the family of each keyset, by name
   */
  public KeysetRegistry(Map<String, PrimitiveFamily> families) {
    this(families, Map.of());
  }

  /**
   * @param families the family of each keyset, by name
   * @param access what the application may do with each keyset, by name; everything by default
   */
  public KeysetRegistry(Map<String, PrimitiveFamily> families, Map<String, KeysetAccess> access) {
    Map<String, Entry> named = new LinkedHashMap<>();
    families.forEach(
        (name, family) ->
            named.put(
                name,
                new Entry(
                    new LiveKeyset(
                        family,
                        access.getOrDefault(name, KeysetAccess.OWN).interfaces(family),
                        () -> unknownKey.test(name),
                        keyId -> failed(name, keyId)),
                    new EndedKeys(name, System::nanoTime))));
    this.entries = Collections.unmodifiableMap(named);
  }

  /** The names of all keysets, in the order of configuration. */
  public Set<String> names() {
    return entries.keySet();
  }

  /**
   * The primitive of a keyset: the same object each time, valid for the life of the application.
   *
   * @throws LatchkeyException if there is no such keyset, or it does not support the type
   */
  public <P> P primitive(String name, Class<P> type) {
    return entry(name).live.primitive(type);
  }

  /**
   * Re-encrypts the ciphertexts of a keyset.
   *
   * @throws LatchkeyException if there is no such keyset, if its ciphertexts carry no key id, or if
   *     only its public half is held
   * @throws IllegalStateException if it has not been loaded yet
   */
  public Reencryptor reencryptor(String name) {
    return new KeysetReencryptor(name, entry(name).live);
  }

  /**
   * The generation of a keyset that is in use.
   *
   * @throws LatchkeyException if there is no such keyset
   * @throws IllegalStateException if it has not been loaded yet
   */
  public KeysetSnapshot snapshot(String name) {
    KeysetSnapshot snapshot = entry(name).snapshot;
    if (snapshot == null) {
      throw new IllegalStateException("Keyset %s is not loaded".formatted(name));
    }
    return snapshot;
  }

  /** The counters of the keys of a keyset. */
  public UsageCounters usage(String name) {
    return entry(name).live.usage();
  }

  /**
   * Calls {@code handler} when something to decrypt or verify names a key that its keyset does not
   * hold. The handler receives the keyset's name, runs on the calling thread, must not perform I/O,
   * and returns whether to try again.
   */
  public void onUnknownKey(Predicate<String> handler) {
    unknownKey = handler;
  }

  /** Calls {@code listener} with each snapshot once it is in use, on the publishing thread. */
  public void addListener(String name, Consumer<KeysetSnapshot> listener) {
    entry(name).listeners.add(listener);
  }

  /**
   * Brings a snapshot into use: every primitive of the keyset uses it from now on. The caller must
   * ensure that it may replace the current one.
   */
  public void publish(String name, KeysetSnapshot snapshot) {
    entry(name).publish(snapshot);
  }

  private void failed(String name, long keyId) {
    Entry entry = entry(name);
    KeysetSnapshot snapshot = entry.snapshot;
    if (snapshot != null && keyId != KeyIds.NONE) {
      entry.ended.failed(snapshot.metadata(), keyId);
    }
  }

  private Entry entry(String name) {
    Entry entry = entries.get(name);
    if (entry == null) {
      throw new LatchkeyException(
          "There is no keyset '%s'".formatted(name),
          entries.isEmpty()
              ? "No keyset is configured."
              : "Configured keysets: " + String.join(", ", entries.keySet()) + ".");
    }
    return entry;
  }

  private static final class Entry {

    private final LiveKeyset live;

    private final EndedKeys ended;

    private final List<Consumer<KeysetSnapshot>> listeners = new CopyOnWriteArrayList<>();

    private volatile @Nullable KeysetSnapshot snapshot;

    private Entry(LiveKeyset live, EndedKeys ended) {
      this.live = live;
      this.ended = ended;
    }

    private synchronized void publish(KeysetSnapshot next) {
      live.swap(next.handle(), next.metadata().spare().map(KeyMetadata::id).orElse(KeyIds.NONE));
      this.snapshot = next;
      listeners.forEach(listener -> listener.accept(next));
    }
  }
}
