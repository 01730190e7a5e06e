package dev.latchkey.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latchkey.WriteConflictException;
import dev.latchkey.key.KeysetId;
import dev.latchkey.key.document.KeysetStore;
import dev.latchkey.key.document.StoredDocument;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The contract of every {@link KeysetStore}. Names are random, so that tests can share a server.
 */
public abstract class KeysetStoreContract {

  private final Random random = new Random();
  private final KeysetId orders = keyset("orders");

  /** The store under test, the same throughout a test. */
  protected abstract KeysetStore store();

  @Test
  void isEmptyWhenNoDocumentEverWas() {
    assertThat(store().load(orders)).isEmpty();
  }

  @Test
  void createsTheFirstGenerationWhenNoneIsExpected() {
    StoredDocument saved = store().save(orders, "first", 0);

    assertThat(saved.content()).isEqualTo("first");
    assertThat(saved.generation()).isEqualTo(1);
    assertThat(store().load(orders)).get().satisfies(isSameVersionAs(saved));
  }

  @Test
  void countsGenerationsByOneWhenSucceeding() {
    for (long generation = 0; generation < 12; generation++) {
      StoredDocument saved = store().save(orders, "content " + generation, generation);

      assertThat(saved.generation()).isEqualTo(generation + 1);
      assertThat(store().load(orders)).get().satisfies(isSameVersionAs(saved));
    }
  }

  @Test
  void writesNothingWhenAnOlderGenerationIsExpected() {
    store().save(orders, "first", 0);
    StoredDocument second = store().save(orders, "second", 1);

    assertThatThrownBy(() -> store().save(orders, "late", 1))
        .isInstanceOf(WriteConflictException.class)
        .hasMessageContaining(store().location(orders));
    assertThat(store().load(orders)).get().satisfies(isSameVersionAs(second));
  }

  @Test
  void writesNothingWhenNoneIsExpectedButOneStands() {
    StoredDocument first = store().save(orders, "first", 0);

    assertThatThrownBy(() -> store().save(orders, "again", 0))
        .isInstanceOf(WriteConflictException.class);
    assertThat(store().load(orders)).get().satisfies(isSameVersionAs(first));
  }

  @Test
  void writesNothingWhenOneIsExpectedButNoneStands() {
    assertThatThrownBy(() -> store().save(orders, "late", 3))
        .isInstanceOf(WriteConflictException.class);
    assertThat(store().load(orders)).isEmpty();
  }

  @Test
  void keepsContentCharacterByCharacter() {
    byte[] bytes = new byte[48 * 1024];
    random.nextBytes(bytes);
    List<String> contents =
        List.of(
            Base64.getEncoder().encodeToString(bytes),
            "{\"a\": 1.0,  \"a\" :1e3,\"b\":\"\\u00e9\\/\"}",
            "line\nline\r\n\ttab \u0000 \u007f \u00e9 \u2028 \ud83d\udd11 ${x} #{1+1} \\",
            "1.0",
            "");
    for (int i = 0; i < contents.size(); i++) {
      String content = contents.get(i);

      assertThat(store().save(orders, content, i).content()).isEqualTo(content);
      assertThat(store().load(orders)).get().returns(content, StoredDocument::content);
    }
  }

  @Test
  void keepsDocumentsApart() {
    KeysetId other = keyset("orders");
    KeysetId ofAnotherOwner = new KeysetId("billing", orders.name());
    store().save(orders, "orders", 0);

    assertThat(store().load(other)).isEmpty();
    assertThat(store().load(ofAnotherOwner)).isEmpty();
    store().save(other, "other", 0);
    assertThat(store().load(orders)).get().returns("orders", StoredDocument::content);
  }

  @Test
  void tellsTheTimeByOneClockThatDoesNotRunBackwards() {
    StoredDocument first = store().save(orders, "first", 0);
    StoredDocument read = store().load(orders).orElseThrow();
    StoredDocument second = store().save(orders, "second", 1);
    StoredDocument readAgain = store().load(orders).orElseThrow();

    assertThat(read.createdAt()).isEqualTo(first.createdAt());
    assertThat(readAgain.createdAt()).isEqualTo(second.createdAt());
    assertThat(second.createdAt()).isAfterOrEqualTo(first.createdAt());
    assertThat(Stream.of(first, read, second, readAgain))
        .allSatisfy(it -> assertThat(it.readAt()).isAfterOrEqualTo(it.createdAt()));
    assertThat(readAgain.readAt()).isAfterOrEqualTo(read.readAt());
  }

  @Test
  void letsExactlyOneWinWhenTwoThreadsWriteTheSameGeneration() throws Exception {
    ExecutorService executor = Executors.newFixedThreadPool(2);
    try {
      for (long generation = 0; generation < 10; generation++) {
        CyclicBarrier start = new CyclicBarrier(2);
        List<Future<Boolean>> wins =
            executor.invokeAll(
                List.of(attempt(start, "one", generation), attempt(start, "two", generation)));

        boolean one = wins.get(0).get();
        boolean two = wins.get(1).get();
        assertThat(one).isNotEqualTo(two);
        StoredDocument stands = store().load(orders).orElseThrow();
        assertThat(stands.generation()).isEqualTo(generation + 1);
        assertThat(stands.content()).isEqualTo(one ? "one" : "two");
      }
    } finally {
      executor.shutdownNow();
    }
  }

  @Test
  void hasALocationOfItsOwnForEveryKeyset() {
    assertThat(
            Stream.of(
                    orders,
                    new KeysetId(orders.owner(), "orders"),
                    new KeysetId("billing", orders.name()),
                    new KeysetId("a-b", "c"),
                    new KeysetId("a", "b-c"))
                .map(store()::location))
        .doesNotHaveDuplicates()
        .allSatisfy(location -> assertThat(location).isNotBlank());
  }

  private Callable<Boolean> attempt(CyclicBarrier start, String content, long generation) {
    return () -> {
      start.await();
      try {
        store().save(orders, content, generation);
        return true;
      } catch (WriteConflictException ex) {
        return false;
      }
    };
  }

  private static Consumer<StoredDocument> isSameVersionAs(StoredDocument expected) {
    return actual -> {
      assertThat(actual.content()).isEqualTo(expected.content());
      assertThat(actual.generation()).isEqualTo(expected.generation());
      assertThat(actual.createdAt()).isEqualTo(expected.createdAt());
    };
  }

  private KeysetId keyset(String prefix) {
    byte[] suffix = new byte[8];
    random.nextBytes(suffix);
    return new KeysetId("shop", prefix + "-" + HexFormat.of().formatHex(suffix));
  }
}
