package dev.latchkey.key.rotation.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatNoException;

import dev.latchkey.LatchkeyException;
import dev.latchkey.key.KeysetId;
import dev.latchkey.key.KeysetTemplate;
import dev.latchkey.key.document.KeysetStore;
import dev.latchkey.key.document.StoredDocument;
import dev.latchkey.key.document.internal.KeysetRepository;
import dev.latchkey.key.live.internal.KeysetRegistry;
import dev.latchkey.key.rotation.KeyAction;
import dev.latchkey.key.rotation.KeysetStatus.Freshness;
import dev.latchkey.key.rotation.RotationEvent;
import dev.latchkey.key.rotation.RotationPolicy;
import dev.latchkey.memory.internal.MemoryKeyEncryptionKeys;
import dev.latchkey.memory.internal.MemoryKeysetStore;
import java.time.Clock;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class RotationServiceTests {

  private static final KeysetId ORDERS = new KeysetId("shop", "orders");
  private static final KeysetId RECEIPTS = new KeysetId("shop", "receipts");

  private final MemoryKeysetStore store = new MemoryKeysetStore(Clock.systemUTC());

  private Consumer<RotationEvent> events = event -> {};

  private final Set<KeysetId> unproven = new HashSet<>();

  private final KeysetRepository repository =
      new KeysetRepository(
          new KeysetStore() {
            @Override
            public Optional<StoredDocument> load(KeysetId keyset) {
              return store
                  .load(keyset)
                  .map(
                      it ->
                          new StoredDocument(
                              it.content(),
                              it.generation(),
                              it.createdAt(),
                              it.readAt(),
                              unproven.contains(keyset) ? null : it.provedAt()));
            }

            @Override
            public StoredDocument save(KeysetId keyset, String content, long expectedGeneration) {
              return store.save(keyset, content, expectedGeneration);
            }

            @Override
            public String location(KeysetId keyset) {
              return store.location(keyset);
            }
          },
          new MemoryKeyEncryptionKeys());

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

  @Test
  void tellsHowTheKeysetThatIsFurthestBehindStands() {
    RotationService service = service();
    service.open(Runnable::run);
    unproven.add(RECEIPTS);

    service.refresh();

    assertThat(service.keyset("orders").orElseThrow().freshness().state())
        .isEqualTo(Freshness.State.PROVEN);
    assertThat(service.freshness().orElseThrow().state()).isEqualTo(Freshness.State.UNPROVEN);
  }

  @Test
  void listenerThatFailsStopsNoKeyset() {
    RotationService service = service();
    service.open(Runnable::run);
    Rotator orders = service.find("orders").orElseThrow();
    Rotator receipts = service.find("receipts").orElseThrow();
    RotationService other = service();
    other.open(Runnable::run);
    events =
        event -> {
          throw new IllegalStateException("a listener's own fault");
        };
    rotate(other, "orders");
    rotate(other, "receipts");

    assertThatExceptionOfType(IllegalStateException.class).isThrownBy(service::refresh);

    assertThat(orders.status().generation()).isEqualTo(2);
    assertThat(receipts.status().generation()).isEqualTo(2);
    assertThatNoException().isThrownBy(service::refresh);
  }

  private static void rotate(RotationService service, String keyset) {
    assertThatExceptionOfType(IllegalStateException.class)
        .isThrownBy(
            () -> service.find(keyset).orElseThrow().perform(KeyAction.ROTATE, null, false));
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
                            RotationPolicy.of(
                                "rotation.", null, Duration.ZERO, Duration.ZERO, false),
                            true,
                            null),
                        repository,
                        registry,
                        Clock.systemUTC(),
                        event -> events.accept(event)))
            .toList());
  }
}
