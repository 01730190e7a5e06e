package dev.latchkey.secret;

import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What holds secrets: a server's KV engines, or the embedded store. Implementations are safe for
 * use by several threads at once.
 *
 * @since 0.1
 */
public interface SecretSource {

  /**
   * Reads what lies at a path.
   *
   * @param path mount and path, such as {@code secret/orders-db}; the source knows where the mount
   *     ends
   * @param version the version to read, or null for the newest
   * @return empty only if the source itself says, with authority, that nothing ever lay there; a
   *     missing version of an existing path is an error
   * @throws dev.latchkey.StoreUnavailableException if the source gives no answer now
   * @throws dev.latchkey.LatchkeyException for any other answer, denied and deleted among them
   */
  Optional<SecretData> read(String path, @Nullable Long version);

  /**
   * Writes all fields of a path with check-and-set.
   *
   * @param expectedVersion the version that must stand there now; 0 if nothing ever did
   * @throws dev.latchkey.WriteConflictException if another version stands there; nothing was
   *     written
   * @throws dev.latchkey.LatchkeyException for any other answer, and where the source knows no
   *     check-and-set
   */
  void write(String path, Map<String, @Nullable Object> fields, long expectedVersion);

  /** Names the source in messages, such as {@code Vault at https://vault.example.org:8200}. */
  String description();

  /**
   * How a person gives a field a value of their own, as a sentence for messages. By default: where
   * no other program writes to the source, by a property that takes the reference's place.
   *
   * @param isFirst whether nothing lies at the path yet
   */
  default String howToWrite(String path, String field, boolean isFirst) {
    return "Give it a value of your own by a property named '%s'."
        .formatted(new SecretReference(path, null, null, field));
  }

  /** How secrets that change are followed. By default by reading them again. */
  default RotatingSource rotating() {
    return new PolledSource(this);
  }
}
