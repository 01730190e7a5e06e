package dev.latchkey.key.rotation;

import dev.latchkey.test.internal.KeyMaterial;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StatusWithoutKeysTests {

  @ParameterizedTest
  @ValueSource(
      classes = {
        RotationStatus.class,
        KeysetStatus.class,
        RotationEvent.class,
        RotationRefusedException.class,
        KeyReferences.class
      })
  void reachesNoKeyMaterialWhenWalkedThroughAllMembers(Class<?> type) {
    KeyMaterial.assertUnreachableFrom(type);
  }
}
