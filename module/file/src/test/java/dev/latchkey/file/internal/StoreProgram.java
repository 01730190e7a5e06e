package dev.latchkey.file.internal;

import dev.latchkey.LatchkeyException;
import dev.latchkey.key.KeysetId;
import dev.latchkey.key.document.StoredDocument;
import dev.latchkey.secret.SecretValue;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;

/**
 * A process of its own that opens stores, says so, and writes until it is killed, or once, or holds
 * them until its input ends. After each write it tells the store's number and generation.
 */
final class StoreProgram {

  static final KeysetId KEYSET = new KeysetId("shop", "orders");
  static final String SECRET = "secret/orders-db";

  private StoreProgram() {}

  /**
   * @param arguments the task, and the root of each store: all are open at once, and written to at
   *     once
   */
  public static void main(String[] arguments) throws IOException {
    PrintStream answers = System.out;
    System.setOut(System.err);
    try {
      List<FileStore> stores = new ArrayList<>();
      for (int i = 1; i < arguments.length; i++) {
        stores.add(StoreFixture.in(Path.of(arguments[i])).open());
      }
      answers.println("open");
      switch (arguments[0]) {
        case "write" -> write(stores, answers, Long.MAX_VALUE);
        case "write-once" -> write(stores, answers, 1);
        default -> System.in.read();
      }
      stores.forEach(FileStore::close);
    } catch (LatchkeyException ex) {
      answers.println(ex.getMessage());
    }
  }

  private static void write(List<FileStore> stores, PrintStream answers, long writes) {
    CompletableFuture<?>[] writers =
        IntStream.range(0, stores.size())
            .mapToObj(
                i ->
                    CompletableFuture.runAsync(
                        () -> write(stores.get(i), i, answers, writes),
                        task -> new Thread(task).start()))
            .toArray(CompletableFuture[]::new);
    CompletableFuture.allOf(writers).join();
  }

  static String content(long generation) {
    return "content %d ".formatted(generation).repeat((int) (generation % 97) + 1);
  }

  private static void write(FileStore store, int number, PrintStream answers, long writes) {
    long version = store.secrets().read(SECRET, null).map(SecretValue::version).orElse(0L);
    long generation = store.keysets().load(KEYSET).map(StoredDocument::generation).orElse(0L);
    if (generation > version) {
      version = writeSecret(store, version);
    }
    for (long write = 0; write < writes; write++) {
      generation = store.keysets().save(KEYSET, content(generation + 1), generation).generation();
      version = writeSecret(store, version);
      answers.println(number + " " + generation);
    }
  }

  private static long writeSecret(FileStore store, long version) {
    store.secrets().write(SECRET, Map.of("password", content(version + 1)), version);
    return version + 1;
  }
}
