package dev.latchkey.key.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.google.crypto.tink.Registry;
import com.google.crypto.tink.aead.PredefinedAeadParameters;
import com.google.crypto.tink.config.GlobalTinkFlags;
import com.google.crypto.tink.config.TinkConfig;
import dev.latchkey.LatchkeyException;
import dev.latchkey.key.KeysetTemplate;
import dev.latchkey.key.PrimitiveFamily;
import java.io.File;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.util.Arrays;
import java.util.Collection;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class TinkKeysTests {

  @Test
  void knowsEveryTemplateThatTinkKnows() throws Exception {
    TinkConfig.register();
    for (PrimitiveFamily family : PrimitiveFamily.values()) {
      TinkKeys.register(family);
    }
    assertThat(KeysetTemplate.names())
        .doesNotHaveDuplicates()
        .containsExactlyInAnyOrderElementsOf(Registry.keyTemplates());
  }

  @Test
  void knowsWhichFamiliesHavePublicKeys() {
    assertThat(PrimitiveFamily.values())
        .filteredOn(PrimitiveFamily::hasPublicKeys)
        .containsExactly(
            PrimitiveFamily.SIGNATURE, PrimitiveFamily.HYBRID, PrimitiveFamily.JWT_SIGNATURE);
  }

  @ParameterizedTest
  @EnumSource
  void givesAnExampleOfItsOwnThatWorksWithTheJdkAlone(PrimitiveFamily family) {
    KeysetTemplate example = KeysetTemplate.of(family.example());
    assertThat(example.family()).isEqualTo(family);
    assertThat(TinkKeys.parameters(example)).isNotNull();
  }

  @Test
  void findsParametersByTinksName() {
    assertThat(TinkKeys.parameters(KeysetTemplate.of("AES256_GCM")))
        .isEqualTo(PredefinedAeadParameters.AES256_GCM);
  }

  @ParameterizedTest
  @MethodSource("templatesThatNeedAProvider")
  void refusesATemplateThatThisJavaCannotUse(KeysetTemplate template) {
    assertThatExceptionOfType(LatchkeyException.class)
        .isThrownBy(() -> TinkKeys.parameters(template))
        .withMessage(
            "Keys of template '" + template.name() + "' cannot be used in this Java runtime")
        .satisfies(ex -> assertThat(ex.action()).contains("conscrypt"));
  }

  static Stream<KeysetTemplate> templatesThatNeedAProvider() {
    return KeysetTemplate.names().stream()
        .map(KeysetTemplate::of)
        .filter(KeysetTemplate::needsProvider);
  }

  @ParameterizedTest
  @EnumSource
  void knowsTheRawVariantsByTheirNames(PrimitiveFamily family) {
    boolean alwaysWithoutId =
        family == PrimitiveFamily.STREAMING_AEAD || family == PrimitiveFamily.PRF;
    assertThat(family.templates().stream().map(KeysetTemplate::of))
        .filteredOn(template -> !template.needsProvider())
        .allSatisfy(
            template ->
                assertThat(template.isRawVariant())
                    .isEqualTo(
                        !alwaysWithoutId && !TinkKeys.parameters(template).hasIdRequirement()));
  }

  @Test
  void namesItsInterfaces() {
    assertThat(PrimitiveFamily.MAC.interfaceNames()).isEqualTo("Mac and ChunkedMac");
  }

  @Test
  void refusesAmbiguousKeysetsWhenRegistered() {
    TinkKeys.register(PrimitiveFamily.AEAD);
    assertThat(GlobalTinkFlags.validateKeysetsOnParsing.getValue()).isTrue();
  }

  @Test
  void setsUpNothingUntilParametersAreNeededAndThenOnlyItsFamily() throws Exception {
    try (URLClassLoader fresh = new URLClassLoader(classPath(), null)) {
      Class<?> type = fresh.loadClass(KeysetTemplate.class.getName());
      Object template = type.getMethod("of", String.class).invoke(null, "AES256_SIV");
      assertThat(registeredIn(fresh)).isEmpty();

      fresh
          .loadClass(TinkKeys.class.getName())
          .getMethod("parameters", type)
          .invoke(null, template);

      assertThat(registeredIn(fresh)).containsExactlyInAnyOrder("AES256_SIV", "AES256_SIV_RAW");
    }
  }

  @SuppressWarnings("unchecked")
  private static Collection<String> registeredIn(ClassLoader loader) throws Exception {
    Method keyTemplates = loader.loadClass(Registry.class.getName()).getMethod("keyTemplates");
    return (Collection<String>) keyTemplates.invoke(null);
  }

  private static URL[] classPath() {
    return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
        .map(TinkKeysTests::url)
        .toArray(URL[]::new);
  }

  private static URL url(String path) {
    try {
      return new File(path).toURI().toURL();
    } catch (java.net.MalformedURLException ex) {
      throw new IllegalArgumentException(path, ex);
    }
  }
}
