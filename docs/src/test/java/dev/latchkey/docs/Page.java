package dev.latchkey.docs;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A page of the documentation. */
record Page(Path path, String text) {

  static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

  private static final Pattern FENCE = Pattern.compile("(?ms)^```(\\w+)\n(.*?)^```$");

  private static final Pattern LINK = Pattern.compile("\\[[^]]*]\\(([^)]+)\\)");

  private static final Pattern HEADING = Pattern.compile("(?m)^#+ (.*)$");

  static Page of(String path) {
    return of(ROOT.resolve(path));
  }

  private static Page of(Path path) {
    try {
      return new Page(path, Files.readString(path));
    } catch (IOException ex) {
      throw new UncheckedIOException(ex);
    }
  }

  static Stream<Page> all() {
    return Stream.of(ROOT, ROOT.resolve("docs"), ROOT.resolve("benchmarks"))
        .filter(Files::isDirectory)
        .flatMap(Page::markdown)
        .map(Page::of);
  }

  private static Stream<Path> markdown(Path directory) {
    try (Stream<Path> files = Files.list(directory)) {
      return files.filter(each -> each.toString().endsWith(".md")).sorted().toList().stream();
    } catch (IOException ex) {
      throw new UncheckedIOException(ex);
    }
  }

  Stream<Snippet> snippets(String language) {
    return FENCE
        .matcher(text)
        .results()
        .filter(match -> match.group(1).equals(language))
        .map(match -> new Snippet(this, line(match), match.group(2)));
  }

  private long line(MatchResult match) {
    return text.substring(0, match.start()).lines().count() + 1;
  }

  Stream<String> links() {
    return LINK.matcher(text).results().map(match -> match.group(1));
  }

  Set<String> anchors() {
    return HEADING
        .matcher(text)
        .results()
        .map(match -> match.group(1).toLowerCase().replaceAll("[^a-z0-9 -]", "").replace(' ', '-'))
        .collect(Collectors.toSet());
  }

  @Override
  public String toString() {
    return ROOT.relativize(path).toString();
  }

  /** A fenced block. */
  record Snippet(Page page, long line, String text) {

    @Override
    public String toString() {
      return page + ":" + line;
    }
  }
}
