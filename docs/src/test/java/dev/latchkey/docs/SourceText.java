package dev.latchkey.docs;

import java.util.Arrays;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What a person reads in a file: comments, messages, the prose of a page. Everything else becomes
 * blank, or a break where code separates two texts, so that every character keeps its position.
 */
final class SourceText {

  static final char BREAK = '\0';

  private static final String LITERAL = "(?:\"\"\".*?\"\"\"|\"(?:[^\"\\\\\\n]|\\\\.)*\")";

  private static final Pattern JAVA_TEXT =
      Pattern.compile(
          "/\\*.*?\\*/|//[^\\n]*(?:\\n[ \\t]*//[^\\n]*)*|'(?:[^'\\\\\\n]|\\\\[^\\n]+?)'|"
              + (LITERAL + "(?:\\s*\\+\\s*" + LITERAL + ")*"),
          Pattern.DOTALL);

  private static final Pattern JAVA_SYNTAX =
      Pattern.compile(
          "\\{@(?!link)\\w+\\s[^}]*}|\\{@link(?:plain)?\\s+\\S+|@(?:param|see|throws)\\s+\\S+"
              + "|</?\\w[^>\\n]*>|(?m)^[ \\t]*(?:\\*|//)|/\\*+|\\*+/|//|`[^`\\n]*`"
              + "|\"\"\"|(?<!\\\\)\"\\s*\\+\\s*\"|(?<!\\\\)\"|\\\\[nst\\n]|%n",
          Pattern.DOTALL);

  private static final Pattern PAGE_SYNTAX =
      Pattern.compile(
          "```(?:java|properties|yaml|xml|json|http|hcl|sql|sh)\\n.*?```|(?<!`)`[^`]+`(?!`)"
              + "|(?<=])\\([^)\\s]*\\)|https?://\\S+|(?m)^ {4,}\\S.*$",
          Pattern.DOTALL);

  private static final Pattern PROPERTY = Pattern.compile("(?m)^[\\w.\\[\\]-]+=");

  private static final Pattern TYPE =
      Pattern.compile("(?m)^[\\w \\t@]*\\b(?:class|interface|enum|record)\\s+([A-Z]\\w*)");

  private SourceText() {}

  static String of(String fileName, String content) {
    if (fileName.endsWith(".java")) {
      return java(content);
    }
    return without(fileName.endsWith(".md") ? PAGE_SYNTAX : PROPERTY, content);
  }

  private static String java(String content) {
    char[] text = new char[content.length()];
    Arrays.fill(text, BREAK);
    JAVA_TEXT
        .matcher(content)
        .results()
        .filter(match -> !match.group().startsWith("'"))
        .forEach(
            match ->
                without(JAVA_SYNTAX, match.group())
                    .getChars(0, match.group().length(), text, match.start()));
    return new String(text);
  }

  private static String without(Pattern syntax, String content) {
    char[] text = content.toCharArray();
    syntax
        .matcher(content)
        .results()
        .forEach(match -> Arrays.fill(text, match.start(), match.end(), ' '));
    return new String(text);
  }

  /** Returns where types are declared, with their names as words in group 1. */
  static Stream<MatchResult> types(String content) {
    return TYPE.matcher(content).results();
  }

  /** Splits a camel-case name, such as {@code KeyUsageLimitApproaching}, into words. */
  static String words(String name) {
    return name.replaceAll("(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ");
  }
}
