package dev.latchkey.test.internal;

import com.google.crypto.tink.Aead;
import dev.latchkey.key.KeysetId;
import dev.latchkey.key.KeysetTemplate;
import dev.latchkey.key.document.internal.KeysetReading;
import dev.latchkey.key.document.internal.KeysetRepository;
import dev.latchkey.key.internal.KeysetEditor;
import dev.latchkey.key.internal.KeysetSnapshot;
import dev.latchkey.key.live.Reencryptor;
import dev.latchkey.key.live.internal.KeysetRegistry;
import dev.latchkey.memory.internal.MemoryKeyEncryptionKeys;
import dev.latchkey.memory.internal.MemoryKeysetStore;
import java.time.Clock;
import java.time.Duration;
import java.util.Map;
import java.util.function.Consumer;

/** The open in-memory keyset {@code orders}, which a test rotates. */
public final class RotatingKeyset {

  public static final KeysetId ID = new KeysetId("shop", "orders");

  private final KeysetRepository repository =
      new KeysetRepository(new MemoryKeysetStore(Clock.systemUTC()), new MemoryKeyEncryptionKeys());

  private final KeysetTemplate template;
  private final KeysetRegistry registry;
  private KeysetSnapshot held;

  public RotatingKeyset(String template) {
    this.template = KeysetTemplate.of(template);
    this.registry = new KeysetRegistry(Map.of(ID.name(), this.template.family()));
    this.held =
        repository
            .create(ID, KeysetEditor.create(ID, this.template, Duration.ZERO).draft(false))
            .snapshot();
    registry.publish(ID.name(), held);
  }

  /** Promotes the spare, regardless of its age. */
  public void rotate() {
    rotate(template.name());
  }

  /** Promotes the spare, and creates the next one with another template. */
  public void rotate(String next) {
    edit(editor -> editor.promoteSpare().addSpare(KeysetTemplate.of(next), Duration.ZERO));
  }

  public void edit(Consumer<KeysetEditor> edit) {
    KeysetEditor editor = KeysetEditor.of(held);
    edit.accept(editor);
    KeysetReading written = repository.save(ID, editor.draft(false), held.generation());
    held = written.snapshot();
    registry.publish(ID.name(), held);
  }

  /** A copy of the keyset for an instance that no longer follows it. */
  public KeysetRegistry behind() {
    KeysetRegistry behind = new KeysetRegistry(Map.of(ID.name(), template.family()));
    behind.publish(ID.name(), held);
    return behind;
  }

  public long primaryKeyId() {
    return held.metadata().active().id();
  }

  public KeysetRegistry registry() {
    return registry;
  }

  public Aead aead() {
    return registry.primitive(ID.name(), Aead.class);
  }

  public Reencryptor reencryptor() {
    return registry.reencryptor(ID.name());
  }
}
