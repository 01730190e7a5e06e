package dev.latchkey.key.internal;

import static dev.latchkey.key.KeyState.ACTIVE;
import static dev.latchkey.key.KeyState.COMPROMISED;
import static dev.latchkey.key.KeyState.DESTROYED;
import static dev.latchkey.key.KeyState.DESTROY_SCHEDULED;
import static dev.latchkey.key.KeyState.DISABLED;
import static dev.latchkey.key.KeyState.PENDING;
import static dev.latchkey.key.KeyState.RETIRED;
import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.key.KeyDestruction.Receipt;
import dev.latchkey.key.KeyMetadata;
import dev.latchkey.key.KeyState;
import dev.latchkey.key.KeysetId;
import dev.latchkey.key.KeysetMetadata;
import dev.latchkey.key.KeysetTemplate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class KeysetUnionTests {

  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
  private static final KeysetId ORDERS = new KeysetId("shop", "orders");
  private static final KeysetTemplate TEMPLATE = KeysetTemplate.of("AES128_GCM");

  private long seconds;

  @Test
  void canAlwaysBeWrittenAndBringsNothingBackToLife() {
    int withoutActive = 0;
    for (int seed = 0; seed < 300; seed++) {
      Random random = new Random(seed);
      KeysetSnapshot base = created();
      for (int restores = 0; restores < 3; restores++) {
        base = edited(base, random, random.nextInt(4));
        KeysetSnapshot held = edited(base, random, 1 + random.nextInt(5));
        KeysetSnapshot stored = edited(base, random, random.nextInt(5));
        KeysetDraft draft =
            KeysetEditor.restore(held, stored, stored.generation()).draft(random.nextBoolean());
        KeysetSnapshot union = written(draft, stored.generation() + 1);

        String run = "run %d.%d: %s and %s".formatted(seed, restores, states(held), states(stored));
        assertThat(draft.contradiction(ORDERS, union.generation())).as(run).isEmpty();
        assertThat(union.metadata().spare()).as(run).isPresent();
        for (KeysetSnapshot branch : List.of(held, stored)) {
          assertThat(union.succeeds(branch)).as(run).isTrue();
          assertThat(branch.metadata().keys())
              .as(run)
              .allSatisfy(key -> assertIsNotReborn(union.metadata().find(key.id()).get(), key));
        }
        if (isPast(held.metadata().active(), stored) && isPast(stored.metadata().active(), held)) {
          withoutActive++;
        }
        base = union;
      }
    }
    assertThat(withoutActive)
        .as("forks of which each took the other's active key out of use")
        .isPositive();
  }

  @Test
  void leavesTheOlderKeyInUseAsIfItHadNotRetired() {
    KeysetSnapshot base = created();
    KeysetSnapshot held = edit(base, editor -> compromise(editor, base.metadata().keys().get(1)));
    KeysetSnapshot stored = edit(base, KeysetUnionTests::rotate);

    for (List<KeyMetadata> union :
        List.of(
            KeysetUnion.of(held.metadata(), stored.metadata(), 9),
            KeysetUnion.of(stored.metadata(), held.metadata(), 9))) {
      assertThat(union).first().isEqualTo(base.metadata().active());
      assertThat(union.get(1).state()).isEqualTo(COMPROMISED);
    }
  }

  @Test
  void keepsTheMarkOfACompromisedKeyThatNothingCanReplace() {
    KeysetMetadata held =
        metadata(
            key(1, ACTIVE, Map.of(ACTIVE, START, COMPROMISED, START)),
            key(2, COMPROMISED, Map.of(COMPROMISED, START)));
    KeysetMetadata stored =
        metadata(
            key(1, RETIRED, Map.of(ACTIVE, START, RETIRED, START.plusSeconds(1))),
            key(2, ACTIVE, Map.of(ACTIVE, START.plusSeconds(1))));

    KeysetMetadata union = metadata(KeysetUnion.of(held, stored, 9).toArray(KeyMetadata[]::new));

    assertThat(union.active().id()).isEqualTo(2);
    assertThat(union.keys()).allMatch(KeyMetadata::compromised);
  }

  @Test
  void leavesATombstoneThatCameWithAnImportAsItIs() {
    KeyMetadata active = key(1, ACTIVE, Map.of(ACTIVE, START));
    KeyMetadata tombstone = key(2, DESTROYED, Map.of(DESTROYED, START));
    KeysetMetadata imported = metadata(active, tombstone);

    assertThat(KeysetUnion.of(imported, imported, 9)).contains(tombstone);
    assertThat(KeysetUnion.of(imported, null, 9)).contains(tombstone);
    assertThat(KeysetUnion.alone(imported, 9)).contains(tombstone);
    KeysetMetadata alive = metadata(active, key(2, RETIRED, Map.of(RETIRED, START)));
    assertThat(KeysetUnion.of(imported, alive, 9))
        .contains(KeyLife.withDestruction(tombstone, KeyLife.destructionRequestedBy("unknown")));
  }

  private static boolean isPast(KeyMetadata key, KeysetSnapshot on) {
    return on.metadata()
        .find(key.id())
        .filter(it -> KeyLife.age(it.state()) > KeyLife.age(ACTIVE))
        .isPresent();
  }

  private static void assertIsNotReborn(KeyMetadata now, KeyMetadata before) {
    assertThat(now.compromised() || !before.compromised()).isTrue();
    assertThat(now.state() == DESTROYED || before.state() != DESTROYED).isTrue();
  }

  private KeysetSnapshot created() {
    return written(KeysetEditor.create(ORDERS, TEMPLATE, Duration.ZERO).draft(false), 1);
  }

  /** What the actions do, of any key, at random. */
  private KeysetSnapshot edited(KeysetSnapshot from, Random random, int edits) {
    KeysetSnapshot newest = from;
    for (int i = 0; i < edits; i++) {
      List<KeyMetadata> keys = newest.metadata().keys();
      KeyMetadata key = keys.get(random.nextInt(keys.size()));
      int choice = random.nextInt(5);
      newest = edit(newest, editor -> edit(editor, key, choice));
    }
    return newest;
  }

  private static void edit(KeysetEditor editor, KeyMetadata key, int choice) {
    if (choice == 0) {
      rotate(editor);
    } else if (choice == 1) {
      compromise(editor, key);
    } else if (key.state() == RETIRED || key.state() == DISABLED || key.state() == COMPROMISED) {
      boolean scheduled = choice == 2 || key.state() == COMPROMISED;
      editor.bring(
          key.id(), scheduled ? DESTROY_SCHEDULED : key.state() == RETIRED ? DISABLED : RETIRED);
    } else if (key.state() == DESTROY_SCHEDULED) {
      if (choice == 2) {
        editor.bring(key.id(), key.stateBeforeDestroyScheduled());
      } else {
        editor.destroy(key.id(), "alice", "");
      }
    } else if (key.destructionIsOpen() && choice == 2) {
      editor.verified(key.id(), new Receipt(START, List.of(), List.of()));
    }
  }

  private static void rotate(KeysetEditor editor) {
    editor.promoteSpare().addSpare(TEMPLATE, Duration.ZERO);
  }

  private static void compromise(KeysetEditor editor, KeyMetadata key) {
    switch (key.state()) {
      case ACTIVE, DESTROY_SCHEDULED -> editor.markCompromised(key.id(), START);
      case PENDING -> editor.bring(key.id(), COMPROMISED).addSpare(TEMPLATE, Duration.ZERO);
      case RETIRED, DISABLED -> editor.bring(key.id(), COMPROMISED);
      case COMPROMISED, DESTROYED -> {}
    }
  }

  private KeysetSnapshot edit(KeysetSnapshot from, Consumer<KeysetEditor> change) {
    KeysetEditor editor = KeysetEditor.of(from);
    change.accept(editor);
    return written(editor.draft(false), from.generation() + 1);
  }

  private KeysetSnapshot written(KeysetDraft draft, long generation) {
    return KeysetSnapshot.of(draft, generation, START.plusSeconds(++seconds));
  }

  private static List<KeyState> states(KeysetSnapshot snapshot) {
    return snapshot.metadata().keys().stream().map(KeyMetadata::state).toList();
  }

  private static KeysetMetadata metadata(KeyMetadata... keys) {
    return new KeysetMetadata("shop", "orders", "made by a test", List.of(keys));
  }

  private static KeyMetadata key(long id, KeyState state, Map<KeyState, Instant> times) {
    return new KeyMetadata(id, state, TEMPLATE.name(), Duration.ZERO, 1, times);
  }
}
