package dev.latchkey.docs;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Expressions that the product's texts avoid, as listed in {@code voice.txt}. */
final class Voice {

  private static final Pattern READ =
      Pattern.compile(
          "(?!(?:.*/)?(?:target|\\.git|src/test)/)"
              + "(?:.*/?src/main/.*\\.(?:java|properties|json|sql|ya?ml)|.*\\.(?:md|sh|hcl|ya?ml)"
              + "|(?:.*/)?pom\\.xml)");

  private Voice() {}

  static List<Expression> expressions() {
    try (var stream = Objects.requireNonNull(Voice.class.getResourceAsStream("voice.txt"))) {
      return Stream.of(new String(stream.readAllBytes(), UTF_8).split("\n{2,}"))
          .map(Expression::parse)
          .toList();
    } catch (IOException ex) {
      throw new UncheckedIOException(ex);
    }
  }

  /** Returns the files below the root that hold texts for people. */
  static List<Path> files(Path root) {
    try (Stream<Path> files = Files.walk(root)) {
      return files
          .filter(file -> READ.matcher(root.relativize(file).toString()).matches())
          .filter(Files::isRegularFile)
          .sorted()
          .toList();
    } catch (IOException ex) {
      throw new UncheckedIOException(ex);
    }
  }

  /** Returns a line for each expression in the file: where, which, what to say instead. */
  static Stream<String> hits(Path root, Path file, List<Expression> expressions) {
    String content;
    try {
      content = Files.readString(file);
    } catch (IOException ex) {
      throw new UncheckedIOException(ex);
    }
    String text = SourceText.of(file.toString(), content);
    return expressions.stream()
        .flatMap(
            expression ->
                Stream.concat(
                        expression.hits(text),
                        file.toString().endsWith(".java")
                            ? SourceText.types(content)
                                .filter(type -> expression.isIn(SourceText.words(type.group(1))))
                            : Stream.empty())
                    .map(
                        hit ->
                            "%s:%d: \"%s\": say %s"
                                .formatted(
                                    root.relativize(file),
                                    line(content, hit.start()),
                                    hit.group().strip().replaceAll("\\s+", " "),
                                    expression.say())));
  }

  private static long line(String content, int position) {
    return content.substring(0, position).chars().filter(c -> c == '\n').count() + 1;
  }

  /**
   * An expression to avoid.
   *
   * @param refuse the expression
   * @param unless what makes a sentence with the expression acceptable
   * @param say what to say instead
   * @param hit a sentence with the expression
   * @param miss a sentence that is close to it and acceptable
   */
  record Expression(Pattern refuse, @Nullable Pattern unless, String say, String hit, String miss) {

    private static final Pattern SENTENCE_END =
        Pattern.compile("[.:;!?](?=\\s|$)|\n\\s*\n|" + SourceText.BREAK);

    static Expression parse(String block) {
      Map<String, String> lines =
          block
              .lines()
              .map(line -> line.split(": ", 2))
              .collect(Collectors.toMap(pair -> pair[0], pair -> pair[1]));
      return new Expression(
          pattern(Objects.requireNonNull(lines.get("refuse"), block)),
          lines.containsKey("unless") ? pattern(lines.get("unless")) : null,
          Objects.requireNonNull(lines.get("say"), block),
          Objects.requireNonNull(lines.get("hit"), block),
          Objects.requireNonNull(lines.get("miss"), block));
    }

    private static Pattern pattern(String expression) {
      return Pattern.compile(
          "\\b(?:%s)\\b".formatted(expression.replace(" ", "\\s{1,120}")),
          Pattern.CASE_INSENSITIVE);
    }

    boolean isIn(String text) {
      return hits(text).findAny().isPresent();
    }

    Stream<MatchResult> hits(String text) {
      return refuse
          .matcher(text)
          .results()
          .filter(
              hit ->
                  unless == null || !unless.matcher(sentence(text, hit.start(), hit.end())).find());
    }

    private static String sentence(String text, int start, int end) {
      List<MatchResult> ends = SENTENCE_END.matcher(text).results().toList();
      int from = ends.stream().mapToInt(MatchResult::end).filter(at -> at <= start).max().orElse(0);
      int to =
          ends.stream()
              .mapToInt(MatchResult::start)
              .filter(at -> at >= end)
              .min()
              .orElse(text.length());
      return text.substring(from, to);
    }

    @Override
    public String toString() {
      return refuse.pattern();
    }
  }
}
