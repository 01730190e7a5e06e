package dev.latchkey.key.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.key.KeyState;
import dev.latchkey.key.KeysetId;
import dev.latchkey.key.KeysetTemplate;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class KeysetSnapshotTests {

  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final KeysetId ORDERS = new KeysetId("shop", "orders");
  private static final KeysetTemplate TEMPLATE = KeysetTemplate.of("AES256_GCM");

  private final KeysetSnapshot first =
      KeysetSnapshot.of(KeysetEditor.create(ORDERS, TEMPLATE, Duration.ZERO).draft(false), 1, NOW);
  private final KeysetSnapshot rotated = next(rotating(first), 2);

  @Test
  void succeedsTheGenerationItWasCreatedFrom() {
    assertThat(first.succeeds(first)).isTrue();
    assertThat(rotated.succeeds(first)).isTrue();
    assertThat(next(rotating(rotated), 3).succeeds(first)).isTrue();
  }

  @Test
  void doesNotSucceedWhatHoldsAnotherKey() {
    KeysetSnapshot fork = next(rotating(first), 2);
    assertThat(fork.succeeds(rotated)).isFalse();
    assertThat(rotated.succeeds(fork)).isFalse();
    KeysetSnapshot other =
        KeysetSnapshot.of(
            KeysetEditor.create(ORDERS, TEMPLATE, Duration.ZERO).draft(false), 9, NOW);
    assertThat(other.succeeds(first)).isFalse();
  }

  @Test
  void doesNotSucceedWhatIsNewer() {
    assertThat(first.succeeds(rotated)).isFalse();
  }

  @Test
  void bringsNoKeyBackInItsLife() {
    long old = rotated.metadata().keys().get(0).id();
    KeysetSnapshot disabled = next(KeysetEditor.of(rotated).bring(old, KeyState.DISABLED), 3);
    assertThat(disabled.succeeds(rotated)).isTrue();
    assertThat(next(KeysetEditor.of(disabled).bring(old, KeyState.RETIRED), 4).succeeds(disabled))
        .isTrue();

    KeysetSnapshot compromised = next(KeysetEditor.of(rotated).bring(old, KeyState.COMPROMISED), 3);
    KeysetSnapshot restored =
        new KeysetSnapshot(rotated.metadata(), rotated.handle(), 4, NOW.plusSeconds(9));
    assertThat(restored.succeeds(compromised)).isFalse();

    KeysetSnapshot unrotated = new KeysetSnapshot(first.metadata(), first.handle(), 3, NOW);
    KeysetSnapshot promotedOnly = next(KeysetEditor.of(first).promoteSpare(), 2);
    assertThat(unrotated.succeeds(promotedOnly)).isFalse();
  }

  private static KeysetEditor rotating(KeysetSnapshot held) {
    return KeysetEditor.of(held).promoteSpare().addSpare(TEMPLATE, Duration.ZERO);
  }

  private static KeysetSnapshot next(KeysetEditor editor, long generation) {
    return KeysetSnapshot.of(editor.draft(false), generation, NOW.plusSeconds(generation));
  }
}
