package dev.latchkey.architecture;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaField;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.lang.reflect.Field;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The value of a static field is not a collection or a holder that can change. */
final class HoldNothingMutable extends ArchCondition<JavaField> {

  /** The operating system gives a file lock to the process as a whole, so its table is as wide. */
  private static final Set<String> ALLOWED =
      Set.of("dev.latchkey.file.internal.DirectoryLock.HELD");

  private static final Set<String> HOLDERS =
      Set.of("java.util.concurrent", "java.util.concurrent.atomic", "java.util.concurrent.locks");

  HoldNothingMutable() {
    super("hold nothing mutable");
  }

  @Override
  public void check(JavaField item, ConditionEvents events) {
    boolean allowed =
        ALLOWED.contains(item.getFullName())
            || item.getModifiers().toString().contains("SYNTHETIC")
            || !canBeMutable(item.getRawType())
            || !isMutable(value(item.reflect()));
    events.add(
        new SimpleConditionEvent(item, allowed, "%s can change".formatted(item.getFullName())));
  }

  /** Classes of fields of other types are not loaded: they may need a library that is not here. */
  private static boolean canBeMutable(JavaClass type) {
    return HOLDERS.contains(type.getPackageName())
        || Stream.of(Iterable.class, Map.class, ThreadLocal.class, StringBuilder.class)
            .anyMatch(type::isAssignableTo)
        || type.isEquivalentTo(Object.class);
  }

  private static boolean isMutable(@Nullable Object value) {
    if (value == null) {
      return false;
    }
    Class<?> type = value.getClass();
    if (value instanceof Collection || value instanceof Map) {
      String name = type.getName();
      return !name.startsWith("java.util.ImmutableCollections")
          && !name.startsWith("java.util.Collections$Unmodifiable")
          && !name.startsWith("java.util.Collections$Empty")
          && !name.startsWith("java.util.Collections$Singleton");
    }
    return value instanceof ThreadLocal
        || value instanceof StringBuilder
        || HOLDERS.contains(type.getPackageName());
  }

  private static @Nullable Object value(Field field) {
    try {
      field.setAccessible(true);
      return field.get(null);
    } catch (ReflectiveOperationException ex) {
      throw new AssertionError(ex);
    }
  }
}
