package dev.latchkey.architecture;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The string constants of a class contain no name of a property. */
final class NameNoProperty extends ArchCondition<JavaClass> {

  /** Constants are in the class file as they are, and names of classes contain slashes. */
  private static final Pattern PROPERTY =
      Pattern.compile(
          "(?<![A-Za-z0-9./-])latchkey\\.(keysets|secrets|store|vault|rotation|refresh|enabled|datasource|redis|rabbitmq|kafka)[a-z.%*-]*");

  NameNoProperty() {
    super("name no property");
  }

  @Override
  public void check(JavaClass item, ConditionEvents events) {
    TreeSet<String> properties =
        PROPERTY
            .matcher(classFile(item))
            .results()
            .map(each -> each.group())
            .collect(Collectors.toCollection(TreeSet::new));
    events.add(
        new SimpleConditionEvent(
            item, properties.isEmpty(), "%s names %s".formatted(item.getName(), properties)));
  }

  private static String classFile(JavaClass item) {
    try (InputStream file = item.getSource().orElseThrow().getUri().toURL().openStream()) {
      return new String(file.readAllBytes(), StandardCharsets.ISO_8859_1);
    } catch (IOException ex) {
      throw new UncheckedIOException(ex);
    }
  }
}
