package dev.latchkey.rotation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.latchkey.LatchkeyException;
import dev.latchkey.keyset.KeysetId;
import dev.latchkey.keyset.KeysetRegistry;
import dev.latchkey.keyset.KeysetRepository;
import dev.latchkey.keyset.KeysetTemplate;
import dev.latchkey.store.memory.MemoryKeyEncryptionKeys;
import dev.latchkey.store.memory.MemoryKeysetStore;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RotationServiceTests {

  private static final KeysetId ORDERS = new KeysetId("shop", "orders");
  private static final KeysetId RECEIPTS = new KeysetId("shop", "receipts");

  private final MemoryKeysetStore store = new MemoryKeysetStore(Clock.systemUTC());

  private final KeysetRepository repository =
      new KeysetRepository(store, new MemoryKeyEncryptionKeys());

  @Test
  void opensWhatIsThereAndMakesWhatNeverWas() {
    service().open(Runnable::run);
    String first = store.load(ORDERS).orElseThrow().content();
    assertThat(store.load(RECEIPTS)).isPresent();

    service().open(Runnable::run);
    assertThat(store.load(ORDERS).orElseThrow().content()).isEqualTo(first);
  }

  @Test
  void makesNothingInAStartThatFails() {
    store.save(RECEIPTS, "no document", 0);

    assertThatExceptionOfType(LatchkeyException.class)
        .isThrownBy(() -> service().open(Runnable::run))
        .withMessageStartingWith("memory/latchkey/shop/receipts");

    assertThat(store.load(ORDERS)).isEmpty();
  }

  private RotationService service() {
    KeysetTemplate template = KeysetTemplate.of("AES256_GCM");
    KeysetRegistry registry =
        new KeysetRegistry(Map.of("orders", template.family(), "receipts", template.family()));
    return new RotationService(
        registry,
        List.of(ORDERS, RECEIPTS).stream()
            .map(
                id ->
                    new Rotator(
                        new KeysetDefinition(
                            id,
                            template,
                            RotationPolicy.of(id.name(), null, Duration.ZERO, Duration.ZERO, false),
                            true,
                            null),
                        repository,
                        registry,
                        Clock.systemUTC(),
                        event -> {}))
            .toList());
  }
}
