package dev.latchkey.docs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.latchkey.docs.Page.Line;
import dev.latchkey.docs.Page.Snippet;
import dev.latchkey.secret.SecretReference;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Properties;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.core.env.EnumerablePropertySource;
import org.springframework.core.env.PropertySource;
import org.springframework.core.io.ByteArrayResource;

class DocumentationTests {

  private static final KnownProperties KNOWN = KnownProperties.load();

  /** A link, or a single word such as an address, alone on its line. */
  private static final Pattern UNBREAKABLE =
      Pattern.compile("\\s*(- )?(\\[[^]]*]\\([^)]*\\)[.,;:]?|\\S+)");

  private static final Pattern REFERENCE = Pattern.compile("\\$\\{(vault@[^:}]+)(:[^}]*)?}");

  static Stream<Page> pages() {
    return Page.all();
  }

  static Stream<Page> documentation() {
    return Page.documentation();
  }

  static Stream<Snippet> java() {
    return pages().flatMap(page -> page.snippets("java"));
  }

  static Stream<Snippet> properties() {
    return pages().flatMap(page -> page.snippets("properties"));
  }

  static Stream<Snippet> yaml() {
    return pages().flatMap(page -> page.snippets("yaml"));
  }

  @ParameterizedTest
  @MethodSource("java")
  void javaSnippetCompiles(Snippet snippet, @TempDir Path output) {
    assertThat(new SnippetCompiler(output).errors(snippet.text())).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("properties")
  void propertiesSnippetBinds(Snippet snippet) throws IOException {
    Properties properties = new Properties();
    properties.load(new StringReader(snippet.text()));
    assertThat(properties).isNotEmpty();
    properties.forEach((name, value) -> assertBinds(name.toString(), value.toString()));
  }

  @ParameterizedTest
  @MethodSource("yaml")
  void yamlSnippetBinds(Snippet snippet) throws IOException {
    assertThat(yaml(snippet.text())).isNotEmpty().allSatisfy(DocumentationTests::assertBinds);
  }

  private static void assertBinds(String name, String value) {
    if (!name.startsWith("app.")) {
      assertThat(KNOWN.problem(name, value)).isNull();
    }
    if (value.startsWith("vault@")) {
      SecretReference.parsePath(value);
      return;
    }
    long references =
        REFERENCE
            .matcher(value)
            .results()
            .map(match -> SecretReference.parse(match.group(1)))
            .count();
    assertThat(references).isEqualTo(value.split("vault@", -1).length - 1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a: ${vault@secret/missing#x: fallback}",
        "a: [${vault@secret/orders-db#password}]"
      })
  void yamlNeedsQuotesWhenThePageSaysSo(String text) {
    assertThatExceptionOfType(RuntimeException.class).isThrownBy(() -> yaml(text));
    String quoted = text.replaceAll("\\$\\{.*}", "\"$0\"");
    assertThatCode(() -> yaml(quoted)).doesNotThrowAnyException();
  }

  private static Map<String, String> yaml(String text) throws IOException {
    Map<String, String> properties = new LinkedHashMap<>();
    for (PropertySource<?> source :
        new YamlPropertySourceLoader()
            .load("page", new ByteArrayResource(text.getBytes(StandardCharsets.UTF_8)))) {
      for (String name : ((EnumerablePropertySource<?>) source).getPropertyNames()) {
        properties.put(name, String.valueOf(source.getProperty(name)));
      }
    }
    return properties;
  }

  @ParameterizedTest
  @MethodSource("pages")
  void everyLinkHasATarget(Page page) {
    assertThat(page.links().filter(link -> !link.startsWith("https://")))
        .allSatisfy(
            link -> {
              String[] parts = link.split("#", 2);
              Path target = page.path().resolveSibling(parts[0]).normalize();
              if (parts[0].isEmpty()) {
                target = page.path();
              }
              assertThat(target).exists();
              if (parts.length == 2) {
                assertThat(Page.of(target.toString()).anchors()).contains(parts[1]);
              }
            });
  }

  @ParameterizedTest
  @MethodSource("documentation")
  void wrapsAt120CharactersOutsideCodeAndTables(Page page) {
    assertThat(
            page.prose()
                .filter(line -> !line.isTableRow() && !UNBREAKABLE.matcher(line.text()).matches())
                .filter(line -> line.text().length() > 120))
        .isEmpty();
  }

  @ParameterizedTest
  @MethodSource("documentation")
  void hasNoParagraphInATableCell(Page page) {
    assertThat(
            page.prose()
                .filter(Line::isTableRow)
                .filter(line -> line.cells().anyMatch(cell -> cell.length() > 160)))
        .isEmpty();
  }

  @Test
  void indexLinksEveryPage() {
    assertThat(Page.of("docs/README.md").links().map(Page.DOCS::resolve))
        .containsAll(Page.documentation().map(Page::path).skip(1).toList());
  }

  @Test
  void documentationHasNoPageOutsideItsGroups() throws IOException {
    try (Stream<Path> files = Files.list(Page.DOCS)) {
      assertThat(files.map(Path::getFileName).map(Path::toString))
          .filteredOn(name -> name.endsWith(".md"))
          .containsExactly("README.md");
    }
  }

  @Test
  void readmeIsShortAndBeginsWithTheTwoCommands() throws IOException {
    String readme = Page.of("README.md").text();
    assertThat(readme.lines().count()).isLessThan(150);
    assertThat(readme.lines().filter(line -> line.startsWith("    mvn ")).limit(2))
        .satisfiesExactly(
            first -> assertThat(first).contains("-pl samples/quickstart", "spring-boot:run"),
            second -> assertThat(second).isEqualTo("    mvn verify"));
    assertThat(Files.readString(Page.ROOT.resolve(".ci/run"))).contains("verify");
  }

  @Test
  void policyOnThePageIsTheTestedOne() throws IOException {
    assertThat(Page.of("docs/how-to/set-up-vault.md").snippets("hcl").map(Snippet::text))
        .containsExactly(
            Files.readString(Page.ROOT.resolve("samples/quickstart/vault/policy.hcl")));
  }
}
