package dev.latchkey.starter;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.key.KeysetTemplate;
import dev.latchkey.starter.ConfigurationMetadata.Property;
import java.lang.reflect.RecordComponent;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.boot.context.properties.bind.DataObjectPropertyName;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.ClassUtils;

class ConfigurationMetadataTests {

  private static final String KEYSET = "latchkey.keysets.*.";
  private static final String SECRET = "latchkey.secrets.*.";
  private static final String DATASOURCE = "latchkey.datasources.*.";

  private static final ConfigurationMetadata METADATA = ConfigurationMetadata.load();

  static Stream<Property> properties() {
    return METADATA.properties().stream();
  }

  @ParameterizedTest
  @MethodSource("properties")
  void everyPropertyHasTypeAndDescription(Property property) {
    assertThat(property.type()).as(property.name()).isNotBlank();
    assertThat(property.description())
        .as(property.name())
        .isNotBlank()
        .endsWith(".")
        .doesNotStartWith("The ")
        .doesNotStartWith("A ")
        .doesNotContain("{@", "\n");
    if (Boolean.class.getName().equals(property.type())) {
      assertThat(property.description()).startsWith("Whether ");
      assertThat(property.defaultValue()).as(property.name()).isNotNull();
    }
  }

  @Test
  void everyKeysetPropertyIsDescribedAsItIsBound() {
    assertDescribed(KEYSET, "dev.latchkey.autoconfigure.key.KeysetProperties$Keyset");
  }

  @Test
  void everySecretPropertyIsDescribedAsItIsBound() {
    assertDescribed(SECRET, "dev.latchkey.autoconfigure.secret.RotatingSecretProperties$Secret");
  }

  @Test
  void everyDatasourcePropertyIsDescribedAsItIsBound() {
    assertDescribed(DATASOURCE, "dev.latchkey.hikari.LatchkeyDatasourceProperties$Pool");
  }

  private static void assertDescribed(String prefix, String type) {
    assertThat(
            METADATA.properties().stream()
                .filter(each -> each.name().startsWith(prefix))
                .map(
                    each ->
                        new Property(each.name(), each.type(), null, each.defaultValue(), null)))
        .containsExactlyInAnyOrderElementsOf(
            properties(prefix, ClassUtils.resolveClassName(type, null)).toList());
  }

  /** The properties of a record, and of the records in it. */
  private static Stream<Property> properties(String prefix, Class<?> type) {
    return Stream.of(type.getRecordComponents())
        .flatMap(
            each -> {
              String name = prefix + DataObjectPropertyName.toDashedForm(each.getName());
              return each.getType().isRecord()
                  ? properties(name + ".", each.getType())
                  : Stream.of(
                      new Property(name, each.getType().getName(), null, defaultValue(each), null));
            });
  }

  private static @Nullable String defaultValue(RecordComponent component) {
    DefaultValue value =
        Stream.of(component.getDeclaringRecord().getDeclaredConstructors()[0].getParameters())
            .filter(each -> each.getName().equals(component.getName()))
            .findFirst()
            .orElseThrow()
            .getAnnotation(DefaultValue.class);
    return (value != null) ? value.value()[0] : null;
  }

  @Test
  void everyTemplateIsHinted() {
    assertThat(METADATA.hintsFor(KEYSET + "template"))
        .containsExactlyElementsOf(KeysetTemplate.names());
  }
}
