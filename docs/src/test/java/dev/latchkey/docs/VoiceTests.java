package dev.latchkey.docs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.docs.Voice.Expression;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Pages, messages, property descriptions, Javadoc and comments say things as the reference
 * documentation of Spring Boot and Vault does.
 */
class VoiceTests {

  private static final List<Expression> EXPRESSIONS = Voice.expressions();

  static Stream<Expression> expressions() {
    return EXPRESSIONS.stream();
  }

  @Test
  void textsUseNoRefusedExpression() {
    List<Path> files = Voice.files(Page.ROOT);
    assertThat(files).map(Page.ROOT::relativize).map(Path::toString).contains("README.md");
    assertThat(files).hasSizeGreaterThan(300);
    assertThat(files.parallelStream().flatMap(file -> Voice.hits(Page.ROOT, file, EXPRESSIONS)))
        .isEmpty();
  }

  @Nested
  class Expressions {

    @Test
    void areAtLeastForty() {
      assertThat(EXPRESSIONS).extracting(Expression::toString).doesNotHaveDuplicates();
      assertThat(EXPRESSIONS).hasSizeGreaterThanOrEqualTo(40);
    }

    @ParameterizedTest
    @MethodSource("dev.latchkey.docs.VoiceTests#expressions")
    void refuseTheirHitOnly(Expression expression) {
      assertThat(expression.isIn(expression.hit())).isTrue();
      assertThat(EXPRESSIONS).filteredOn(each -> each.isIn(expression.miss())).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
      "Latchkey renews the lease.,              false",
      "The token is renewed at half its life.,  false",
      "Rows are renewed. The lease is not.,     true",
      "The lease lives; old rows are renewed.,  true",
    })
    void allowRenewalsOfLeasesAndTokensOnly(String text, boolean refused) {
      assertThat(EXPRESSIONS.stream().anyMatch(each -> each.isIn(text))).isEqualTo(refused);
    }
  }

  @Nested
  class Texts {

    @TempDir Path root;

    @Test
    void areMessagesCommentsAndTypesOfJavaSources() throws Exception {
      assertThat(
              hits(
                  "module/x/src/main/java/A.java",
                  """
                  /**
                   * What is kept for
                   * ever, by {@code anew}.
                   */
                  class KeyCensus {
                    // It lasts for
                    // ever.
                    String anew = "It lies " + "at " + anew;
                  }
                  """))
          .containsExactlyInAnyOrder(
              "module/x/src/main/java/A.java:2: \"for ever\": say 'indefinitely'",
              "module/x/src/main/java/A.java:6: \"for ever\": say 'indefinitely'",
              "module/x/src/main/java/A.java:8: \"lies\": say 'is stored in' or 'is at'",
              "module/x/src/main/java/A.java:5: \"class KeyCensus\":"
                  + " say 'references to a key' or 'data still encrypted with a key'");
    }

    @Test
    void areProseOfPagesWithoutCode() throws Exception {
      assertThat(
              hits(
                  "docs/how-to/a.md",
                  """
                  Use `anew` [anew](anew.md).

                  ```properties
                  app.anew=anew
                  ```

                  ```text
                  Starts anew
                  ```
                  """))
          .containsExactly(
              "docs/how-to/a.md:1: \"anew\": say 'again'",
              "docs/how-to/a.md:8: \"anew\": say 'again'");
    }

    @Test
    void areDescriptionsOfProperties() throws Exception {
      assertThat(
              hits(
                  "core/src/main/resources/META-INF/additional-spring-configuration-metadata.json",
                  "{\"description\": \"Kept for ever.\"}"))
          .hasSize(1);
    }

    @ParameterizedTest
    @CsvSource({
      "core/src/test/java/A.java",
      "core/target/classes/a.yml",
      "core/src/main/resources/a.bin",
      ".git/a.md",
    })
    void areNotInFilesThatUsersDoNotRead(String name) throws Exception {
      assertThat(hits(name, "\"anew\"")).isEmpty();
    }

    private List<String> hits(String name, String content) throws Exception {
      Path file = root.resolve(name);
      Files.createDirectories(file.getParent());
      Files.writeString(file, content);
      return Voice.files(root).stream()
          .flatMap(each -> Voice.hits(root, each, EXPRESSIONS))
          .toList();
    }
  }
}
