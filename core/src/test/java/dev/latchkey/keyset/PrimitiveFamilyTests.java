package dev.latchkey.keyset;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.crypto.tink.Registry;
import com.google.crypto.tink.config.GlobalTinkFlags;
import com.google.crypto.tink.config.TinkConfig;
import java.io.File;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.util.Arrays;
import java.util.Collection;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PrimitiveFamilyTests {

  @Test
  void knowsEveryTemplateThatTinkKnows() throws Exception {
    TinkConfig.register();
    for (PrimitiveFamily family : PrimitiveFamily.values()) {
      family.register();
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
    assertThat(example.parameters()).isNotNull();
  }

  @Test
  void namesItsInterfaces() {
    assertThat(PrimitiveFamily.MAC.interfaceNames()).isEqualTo("Mac and ChunkedMac");
  }

  @Test
  void refusesAmbiguousKeysetsWhenRegistered() {
    PrimitiveFamily.AEAD.register();
    assertThat(GlobalTinkFlags.validateKeysetsOnParsing.getValue()).isTrue();
  }

  @Test
  void setsUpNothingUntilParametersAreNeededAndThenOnlyItsFamily() throws Exception {
    try (URLClassLoader fresh = new URLClassLoader(classPath(), null)) {
      Class<?> type = fresh.loadClass(KeysetTemplate.class.getName());
      Object template = type.getMethod("of", String.class).invoke(null, "AES256_SIV");
      assertThat(registeredIn(fresh)).isEmpty();

      type.getMethod("parameters").invoke(template);

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
        .map(PrimitiveFamilyTests::url)
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
