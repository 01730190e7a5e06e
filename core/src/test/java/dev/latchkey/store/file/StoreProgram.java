package dev.latchkey.store.file;

import dev.latchkey.LatchkeyException;
import dev.latchkey.keyset.KeysetId;
import dev.latchkey.keyset.StoredDocument;
import dev.latchkey.secret.SecretData;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Map;

/**
 * A process of its own that opens a store, says so, and writes until it is killed or holds the
 * store until its input ends.
 */
final class StoreProgram {

  static final KeysetId KEYSET = new KeysetId("shop", "orders");
  static final String SECRET = "secret/orders-db";

  private StoreProgram() {}

  public static void main(String[] arguments) throws IOException {
    PrintStream answers = System.out;
    System.setOut(System.err);
    StoreFixture fixture = StoreFixture.in(Path.of(arguments[0]));
    try (FileStore store = fixture.open()) {
      answers.println("open");
      if (arguments[1].equals("write")) {
        write(store, answers);
      } else {
        System.in.read();
      }
    } catch (LatchkeyException ex) {
      answers.println(ex.getMessage());
    }
  }

  static String content(long generation) {
    return "content %d ".formatted(generation).repeat((int) (generation % 97) + 1);
  }

  private static void write(FileStore store, PrintStream answers) {
    long version = store.secrets().read(SECRET, null).map(SecretData::version).orElse(0L);
    long generation = store.keysets().load(KEYSET).map(StoredDocument::generation).orElse(0L);
    if (generation > version) {
      version = writeSecret(store, version);
    }
    while (true) {
      generation = store.keysets().save(KEYSET, content(generation + 1), generation).generation();
      version = writeSecret(store, version);
      answers.println(generation);
    }
  }

  private static long writeSecret(FileStore store, long version) {
    store.secrets().write(SECRET, Map.of("password", content(version + 1)), version);
    return version + 1;
  }
}
