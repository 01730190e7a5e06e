package dev.latchkey.file;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ContainersTests {

  @Test
  void findsNoContainerWhenNothingIndicatesOne() {
    assertThat(Containers.surround(Map.of("PATH", "/usr/bin"), path -> false)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"/.dockerenv", "/run/.containerenv"})
  void findsAContainerWhenTheFileOfItsEngineExists(String file) {
    assertThat(Containers.surround(Map.of(), Path.of(file)::equals)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"KUBERNETES_SERVICE_HOST", "container"})
  void findsAContainerWhenTheVariableOfItsEngineIsSet(String variable) {
    assertThat(Containers.surround(Map.of(variable, "any"), path -> false)).isTrue();
  }
}
