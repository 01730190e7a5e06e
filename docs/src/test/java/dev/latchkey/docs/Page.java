package dev.latchkey.docs;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A page of the documentation. */
record Page(Path path, String text) {

  static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

  static final Path DOCS = ROOT.resolve("docs");

  /** The groups of pages, each a directory. */
  static final List<String> GROUPS = List.of("tutorial", "how-to", "reference", "explanation");

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

  /** All pages, including those outside of {@code docs}. */
  static Stream<Page> all() {
    return Stream.concat(
        Stream.of(ROOT, ROOT.resolve("benchmarks"))
            .filter(Files::isDirectory)
            .flatMap(directory -> markdown(directory, 1))
            .map(Page::of),
        documentation());
  }

  /** The pages in {@code docs} and its subdirectories. */
  static Stream<Page> documentation() {
    return Stream.concat(
            markdown(DOCS, 1),
            GROUPS.stream().flatMap(group -> markdown(DOCS.resolve(group), Integer.MAX_VALUE)))
        .map(Page::of);
  }

  private static Stream<Path> markdown(Path directory, int depth) {
    try (Stream<Path> files = Files.walk(directory, depth)) {
      return files.filter(each -> each.toString().endsWith(".md")).sorted().toList().stream();
    } catch (IOException ex) {
      throw new UncheckedIOException(ex);
    }
  }

  /** The numbered lines outside of fenced and indented code. */
  Stream<Line> prose() {
    List<String> lines = text.lines().toList();
    List<Line> prose = new ArrayList<>();
    boolean fenced = false;
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i);
      if (line.strip().startsWith("```")) {
        fenced = !fenced;
      } else if (!fenced && !line.startsWith("    ")) {
        prose.add(new Line(this, i + 1, line));
      }
    }
    return prose.stream();
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
        .map(match -> match.group(1).toLowerCase().replaceAll("[^a-z0-9 _-]", "").replace(' ', '-'))
        .collect(Collectors.toSet());
  }

  @Override
  public String toString() {
    return ROOT.relativize(path).toString();
  }

  /** A line outside of code. */
  record Line(Page page, int number, String text) {

    boolean isTableRow() {
      return text.strip().startsWith("|");
    }

    Stream<String> cells() {
      return Stream.of(text.strip().split("(?<!\\\\)\\|")).map(String::strip);
    }

    @Override
    public String toString() {
      return page + ":" + number + ": " + text;
    }
  }

  /** A fenced block. */
  record Snippet(Page page, long line, String text) {

    @Override
    public String toString() {
      return page + ":" + line;
    }
  }
}
