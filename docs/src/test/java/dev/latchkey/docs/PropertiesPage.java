package dev.latchkey.docs;

import dev.latchkey.docs.ConfigurationMetadata.Property;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.util.ClassUtils;

/** Renders {@code docs/reference/properties.md} from the configuration metadata. */
final class PropertiesPage {

  private static final int WIDTH = 120;

  private static final String HEAD =
      """
      # Properties

      This page is generated from the configuration metadata. Don't edit it. To regenerate it:

          mvn -pl docs -am test -Dtest=PropertiesPageTests -Dsurefire.failIfNoSpecifiedTests=false -Ddocs.write=true

      `*` stands for the name of a keyset, of a secret, or of a data source bean. Durations are written as `90d`, `24h`,
      `10m` or `60s`.
      """;

  /** A property belongs to the first section that has a matching prefix. */
  private static final List<Section> SECTIONS =
      List.of(
          new Section("General", "latchkey.enabled", "latchkey.owner", "latchkey.summary"),
          new Section("Keyset rotation", "latchkey.keysets.*.rotation."),
          new Section("Keysets", "latchkey.keysets."),
          new Section("Rotating secrets", "latchkey.secrets."),
          new Section("Refresh and rotation in general", "latchkey.refresh.", "latchkey.rotation."),
          new Section("HikariCP", "latchkey.datasource"),
          new Section("Redis", "latchkey.redis."),
          new Section("RabbitMQ", "latchkey.rabbitmq."),
          new Section("Kafka", "latchkey.kafka."),
          new Section("Stores", "latchkey.store."),
          new Section(
              "Connection to Vault",
              "latchkey.vault.uri",
              "latchkey.vault.namespace",
              "latchkey.vault.allow-plain-http",
              "latchkey.vault.connect-timeout",
              "latchkey.vault.read-timeout",
              "latchkey.vault.retry.",
              "latchkey.vault.ssl."),
          new Section("Authentication to Vault", "latchkey.vault."),
          new Section("Endpoint", "management.endpoint."));

  private static final Comparator<Property> TOP_LEVEL_FIRST =
      Comparator.<Property>comparingLong(each -> each.name().chars().filter(c -> c == '.').count())
          .thenComparing(Property::name);

  private PropertiesPage() {}

  static String render(ConfigurationMetadata metadata) {
    StringBuilder page = new StringBuilder(HEAD);
    for (Section section : SECTIONS) {
      List<String> entries =
          metadata
              .settable()
              .filter(property -> section(property) == section)
              .sorted(TOP_LEVEL_FIRST)
              .map(PropertiesPage::entry)
              .toList();
      if (!entries.isEmpty()) {
        page.append("\n## ").append(section.title()).append("\n\n");
        entries.forEach(page::append);
      }
    }
    return page.toString();
  }

  private static Section section(Property property) {
    return SECTIONS.stream()
        .filter(section -> section.prefixes().stream().anyMatch(property.name()::startsWith))
        .findFirst()
        .orElseThrow(() -> new IllegalStateException(property + " belongs to no section"));
  }

  private static String entry(Property property) {
    String text = property.description() + values(property.type()) + defaultValue(property);
    return "- `%s`\\%n%s%n".formatted(property.name(), wrap("  ", text));
  }

  private static String values(@Nullable String type) {
    return constants(type)
        .map(each -> "`" + each + "`")
        .reduce((all, each) -> all + ", " + each)
        .map(all -> " One of " + all + ".")
        .orElse("");
  }

  private static String defaultValue(Property property) {
    if (property.defaultValue() == null) {
      return "";
    }
    String value = property.defaultValue().toString();
    boolean isConstant = constants(property.type()).findAny().isPresent();
    return " Default: `%s`.".formatted(isConstant ? dashed(value) : value);
  }

  private static Stream<String> constants(@Nullable String type) {
    Object[] constants =
        ClassUtils.resolveClassName(String.valueOf(type).replaceAll("<.*", ""), null)
            .getEnumConstants();
    return Stream.ofNullable(constants)
        .flatMap(Stream::of)
        .map(each -> dashed(((Enum<?>) each).name()));
  }

  private static String dashed(String constant) {
    return constant.toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private static String wrap(String indent, String text) {
    StringBuilder lines = new StringBuilder();
    StringBuilder line = new StringBuilder(indent);
    for (String word : text.split(" ")) {
      if (line.length() > indent.length() && line.length() + 1 + word.length() > WIDTH) {
        lines.append(line).append(System.lineSeparator());
        line = new StringBuilder(indent);
      }
      line.append(line.length() > indent.length() ? " " : "").append(word);
    }
    return lines.append(line).toString();
  }

  private record Section(String title, List<String> prefixes) {

    Section(String title, String... prefixes) {
      this(title, List.of(prefixes));
    }
  }
}
