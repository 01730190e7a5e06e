package dev.latchkey.rotation;

import dev.latchkey.keyset.KeysetRegistry;
import dev.latchkey.keyset.KeysetRepository;
import dev.latchkey.keyset.KeysetSnapshot;
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
