package dev.latchkey.test.internal;

import static org.assertj.core.api.Assertions.assertThat;

/** Asserts that a type does not give access to key material. */
public final class KeyMaterial {

  private KeyMaterial() {}

  /** Fails, with the path, if an object of the type can reach one of Tink's keysets or keys. */
  public static void assertUnreachableFrom(Class<?> type) {
    assertThat(TypeGraph.path(type, KeyMaterial::isIn)).as(type.getName()).isEmpty();
  }

  private static boolean isIn(Class<?> type) {
    return type.getName().startsWith("com.google.crypto.tink.");
  }
}
