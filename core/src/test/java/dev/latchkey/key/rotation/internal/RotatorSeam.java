package dev.latchkey.key.rotation.internal;

import dev.latchkey.key.document.internal.KeysetRepository;
import dev.latchkey.key.internal.KeysetSnapshot;
import dev.latchkey.key.live.internal.KeysetRegistry;
import java.time.Clock;
import java.util.function.BiPredicate;

/** Makes rotators whose successor rule a test can take away. */
public final class RotatorSeam {

  private RotatorSeam() {}

  public static Rotator rotator(
      KeysetDefinition definition,
      KeysetRepository repository,
      KeysetRegistry registry,
      Clock clock,
      BiPredicate<KeysetSnapshot, KeysetSnapshot> successorRule) {
    return new Rotator(definition, repository, registry, clock, event -> {}, successorRule);
  }
}
