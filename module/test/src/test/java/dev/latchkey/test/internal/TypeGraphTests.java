package dev.latchkey.test.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNoException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.crypto.tink.KeysetHandle;
import dev.latchkey.key.internal.KeysetSnapshot;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TypeGraphTests {

  @ParameterizedTest
  @ValueSource(
      classes = {
        InField.class,
        InComponent.class,
        InResult.class,
        InTypeArgument.class,
        InWildcard.class,
        InArray.class,
        InSubtype.class,
        InSupertype.class
      })
  void findsKeyMaterialWhenAMemberReachesIt(Class<?> type) {
    assertThat(TypeGraph.path(type, KeysetHandle.class::equals)).isPresent();
    assertThatThrownBy(() -> KeyMaterial.assertUnreachableFrom(type))
        .isInstanceOf(AssertionError.class)
        .hasMessageContaining(type.getName());
  }

  @Test
  void tellsThePathWhenItFindsOne() {
    assertThat(TypeGraph.path(InComponent.class, KeysetHandle.class::equals))
        .contains("InComponent > snapshot > KeysetSnapshot > handle > KeysetHandle");
  }

  @Test
  void findsNothingWhenOnlyArgumentsAreKeys() {
    assertThatNoException().isThrownBy(() -> KeyMaterial.assertUnreachableFrom(InArgument.class));
  }

  private static final class InField {
    private KeysetSnapshot snapshot;
  }

  private record InComponent(KeysetSnapshot snapshot) {}

  private interface InResult {
    KeysetHandle handle();
  }

  private record InTypeArgument(Map<String, Optional<List<KeysetSnapshot>>> snapshots) {}

  private record InWildcard(List<? extends KeysetSnapshot> snapshots) {}

  private record InArray(KeysetHandle[] handles) {}

  private sealed interface InSubtype {
    record Subtype(KeysetHandle handle) implements InSubtype {}
  }

  private abstract static class InSupertype implements InResult {}

  private interface InArgument {
    boolean accepts(KeysetHandle handle);
  }
}
