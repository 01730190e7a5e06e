package dev.latchkey.test;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.key.KeyDestruction.Fence;
import dev.latchkey.key.KeysetId;
import dev.latchkey.key.KeysetTemplate;
import dev.latchkey.key.document.KeyEncryptionKeys;
import dev.latchkey.key.document.KeysetErasure;
import dev.latchkey.key.document.KeysetErasure.Erased;
import dev.latchkey.key.document.KeysetStore;
import dev.latchkey.key.document.StoredDocument;
import dev.latchkey.key.document.internal.KeysetRepository;
import dev.latchkey.key.internal.KeysetEditor;
import dev.latchkey.key.internal.KeysetSnapshot;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * The contract of every {@link KeysetErasure}, over the store and the key-encryption keys that it
 * erases from, for an application with an operator's permissions. Names are random, so that tests
 * can share a server.
 */
public abstract class KeysetErasureContract {

  private final String suffix = Long.toHexString(new Random().nextLong());
  private final KeysetId orders = new KeysetId("shop", "orders-x" + suffix);
  private final KeysetId invoices = new KeysetId("shop", "invoices-x" + suffix);

  /** The erasure under test; the same one throughout a test. */
  protected abstract KeysetErasure erasure();

  /** The store that it erases from. */
  protected abstract KeysetStore store();

  /** The key-encryption keys that wrap what the store holds. */
  protected abstract KeyEncryptionKeys keyEncryptionKeys();

  @Test
  void isBeyondTheFenceWhenWrittenAfterIt() {
    KeysetSnapshot first = create(orders);

    String retained = repository().fence(orders);
    KeysetSnapshot second = write(orders, first);

    assertThat(repository().erase(orders, new Fence(second.generation(), retained), false))
        .isPresent();
  }

  @Test
  void keepsTheNewestGenerationWhenErasing() {
    KeysetSnapshot newest = fencedAndErased(orders);

    KeysetSnapshot loaded = repository().load(orders, null).orElseThrow().snapshot();
    assertThat(loaded.generation()).isEqualTo(newest.generation());
    assertThat(loaded.handle().equalsKeyset(newest.handle())).isTrue();
  }

  @Test
  void leavesOtherKeysetsAloneWhenErasing() {
    KeysetSnapshot other = create(invoices);
    String before = stored(invoices).content();

    fencedAndErased(orders);

    assertThat(stored(invoices).content()).isEqualTo(before);
    assertThat(repository().load(invoices, null).orElseThrow().snapshot().metadata())
        .isEqualTo(other.metadata());
  }

  @Test
  void providesEvidenceAndNamesWhatIsBeyondReachWhenErased() {
    KeysetSnapshot first = create(orders);
    String retained = repository().fence(orders);
    KeysetSnapshot second = write(orders, first);

    Erased erased = erase(orders, new Fence(second.generation(), retained));

    assertThat(erased.evidence()).isNotEmpty().allSatisfy(line -> assertThat(line).isNotBlank());
    assertThat(erased.beyondReach()).anyMatch(line -> line.contains("memory of processes"));
  }

  @Test
  void repeatsEveryCallWhenAnInstanceCrashedAfterIt() {
    KeysetSnapshot first = create(orders);
    repository().fence(orders);
    String retained = repository().fence(orders);
    KeysetSnapshot second = write(orders, first);
    Fence fence = new Fence(second.generation(), retained);
    Erased erased = erase(orders, fence);

    assertThat(erase(orders, fence).beyondReach()).isEqualTo(erased.beyondReach());
    assertThat(repository().load(orders, null)).isPresent();
  }

  @Test
  void acceptsFurtherWritesWhenErased() {
    KeysetSnapshot newest = fencedAndErased(orders);

    assertThat(write(orders, newest).generation()).isEqualTo(newest.generation() + 1);
  }

  private KeysetSnapshot fencedAndErased(KeysetId keyset) {
    KeysetSnapshot first = create(keyset);
    String retained = repository().fence(keyset);
    KeysetSnapshot second = write(keyset, first);
    erase(keyset, new Fence(second.generation(), retained));
    return second;
  }

  private Erased erase(KeysetId keyset, Fence fence) {
    return repository().erase(keyset, fence, false).orElseThrow();
  }

  private KeysetSnapshot create(KeysetId keyset) {
    KeysetTemplate template = KeysetTemplate.of("AES256_GCM");
    return repository()
        .create(keyset, KeysetEditor.create(keyset, template, Duration.ZERO).draft(false))
        .snapshot();
  }

  private KeysetSnapshot write(KeysetId keyset, KeysetSnapshot before) {
    return repository()
        .save(keyset, KeysetEditor.of(before).draft(false), before.generation())
        .snapshot();
  }

  private StoredDocument stored(KeysetId keyset) {
    return store().load(keyset).orElseThrow();
  }

  private KeysetRepository repository() {
    return new KeysetRepository(store(), keyEncryptionKeys()).erasedBy(erasure());
  }
}
