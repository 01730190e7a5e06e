package dev.latchkey.actuate;

import dev.latchkey.actuate.internal.ReadinessWhenStale;
import dev.latchkey.actuate.internal.RotationHealthIndicator;
import dev.latchkey.actuate.internal.RotationMetrics;
import dev.latchkey.actuate.internal.SecretMetrics;
import dev.latchkey.test.internal.KeyMaterial;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DescriptorsWithoutKeysTests {

  @ParameterizedTest
  @ValueSource(
      classes = {
        RotationDescriptor.class,
        SecretDescriptor.class,
        RotationMetrics.class,
        SecretMetrics.class,
        RotationHealthIndicator.class,
        ReadinessWhenStale.class
      })
  void reachesNoKeyMaterialWhenWalkedThroughAllMembers(Class<?> type) {
    KeyMaterial.assertUnreachableFrom(type);
  }
}
