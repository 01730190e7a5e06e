package dev.latchkey.env;

import dev.latchkey.LatchkeyException;
import dev.latchkey.secret.SecretData;
import dev.latchkey.secret.SecretLookups;
import dev.latchkey.secret.SecretReference;
import dev.latchkey.secret.SecretSource;
import java.security.SecureRandom;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Look-ups in a source that is opened when the first of them is needed. */
final class LazyLookups {

  private static final int MAX_CONNECTIONS = 16;

  private final Supplier<SecretSource> source;
  private @Nullable SecretLookups lookups;
  private boolean opening;

  LazyLookups(Supplier<SecretSource> source) {
    this.source = source;
  }

  String get(SecretReference reference) {
    return open().get(reference);
  }

  SecretData getAll(SecretReference path) {
    return open().getAll(path);
  }

  /** What goes wrong with each of them; the paths are read at once. */
  Map<SecretReference, LatchkeyException> readAll(Collection<SecretReference> references) {
    if (references.isEmpty()) {
      return Map.of();
    }
    SecretLookups opened = open();
    ExecutorService executor =
        Executors.newFixedThreadPool(Math.min(MAX_CONNECTIONS, references.size()));
    try {
      return opened.readAll(references, executor);
    } finally {
      executor.shutdown();
    }
  }

  private synchronized SecretLookups open() {
    if (lookups == null) {
      if (opening) {
        throw new LatchkeyException(
            "It is needed to reach the store that holds it",
            "latchkey.* cannot hold a reference in what says where secrets lie and how to log in."
                + " Give that value yourself, such as from an environment variable or a file.");
      }
      opening = true;
      try {
        lookups = new SecretLookups(source.get(), new SecureRandom());
      } finally {
        opening = false;
      }
    }
    return lookups;
  }
}
