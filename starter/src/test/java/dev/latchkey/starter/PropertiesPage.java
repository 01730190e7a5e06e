package dev.latchkey.starter;

import dev.latchkey.autoconfigure.internal.Durations;
import dev.latchkey.starter.ConfigurationMetadata.Property;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.util.ClassUtils;

/** The page of all properties in docs/, made from the configuration metadata. */
final class PropertiesPage {

  private static final String HEAD =
      """
      # Properties

      Generated from the configuration metadata; do not edit. `*` stands for the name of a keyset,
      of a secret or of a data source's bean. Durations are written as `90d`, `24h`, `10m`, `60s`.
      """;

  private static final List<Section> SECTIONS =
      List.of(
          new Section("Keysets", "latchkey.keysets."),
          new Section("Secrets that rotate", "latchkey.secrets."),
          new Section("Connection pools", "latchkey.datasource"),
          new Section("Redis", "latchkey.redis."),
          new Section("RabbitMQ", "latchkey.rabbitmq."),
          new Section("Kafka", "latchkey.kafka."),
          new Section("Where keys and secrets are kept", "latchkey.store."),
          new Section("Vault", "latchkey.vault."),
          new Section("For all keysets", "latchkey."),
          new Section("Endpoint", "management."));

  private PropertiesPage() {}

  static String render(ConfigurationMetadata metadata) {
    StringBuilder page = new StringBuilder(HEAD);
    for (Section section : SECTIONS) {
      page.append("\n## %s\n\n".formatted(section.title()));
      page.append("| Property | Default | Description |\n|---|---|---|\n");
      metadata
          .settable()
          .filter(property -> section(property) == section)
          .map(PropertiesPage::row)
          .forEach(page::append);
    }
    return page.toString();
  }

  private static Section section(Property property) {
    return SECTIONS.stream()
        .filter(section -> property.name().startsWith(section.prefix()))
        .findFirst()
        .orElseThrow(() -> new IllegalStateException(property + " belongs to no section"));
  }

  private static String row(Property property) {
    return "| `%s` | %s | %s%s |\n"
        .formatted(
            property.name(),
            (property.defaultValue() != null) ? "`" + property.defaultValue() + "`" : "",
            property.description(),
            values(property.type()));
  }

  private static String values(@Nullable String type) {
    Object[] constants =
        ClassUtils.resolveClassName(String.valueOf(type).replaceAll("<.*", ""), null)
            .getEnumConstants();
    if (constants == null) {
      return "";
    }
    return Stream.of(constants)
        .map(each -> ((Enum<?>) each).name().toLowerCase(Locale.ROOT).replace('_', '-'))
        .collect(Collectors.joining("`, `", " One of `", "`."));
  }

  private record Section(String title, String prefix) {}
}
