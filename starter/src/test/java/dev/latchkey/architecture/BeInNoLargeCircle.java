package dev.latchkey.architecture;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaPackage;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Classes of a package that use each other, directly or through others, are a circle. */
final class BeInNoLargeCircle extends ArchCondition<JavaClass> {

  private final int limit;
  private final Map<JavaPackage, Map<JavaClass, Set<JavaClass>>> used = new HashMap<>();
  private final Map<JavaClass, Set<JavaClass>> reachable = new HashMap<>();

  BeInNoLargeCircle(int limit) {
    super("be in no circle of more than %d classes of a package", limit);
    this.limit = limit;
  }

  @Override
  public void check(JavaClass item, ConditionEvents events) {
    Set<String> circle =
        reachableFrom(item).stream()
            .filter(other -> reachableFrom(other).contains(item))
            .map(JavaClass::getSimpleName)
            .collect(Collectors.toCollection(TreeSet::new));
    boolean fits = circle.size() <= limit;
    events.add(
        new SimpleConditionEvent(
            item, fits, "%s is in the circle %s".formatted(item.getName(), circle)));
  }

  private Set<JavaClass> reachableFrom(JavaClass start) {
    return reachable.computeIfAbsent(start, this::traverse);
  }

  private Set<JavaClass> traverse(JavaClass start) {
    Set<JavaClass> found = new HashSet<>();
    Deque<JavaClass> next = new ArrayDeque<>(Set.of(start));
    while (!next.isEmpty()) {
      for (JavaClass used : usedInPackage(next.pop())) {
        if (found.add(used)) {
          next.push(used);
        }
      }
    }
    return found;
  }

  private Set<JavaClass> usedInPackage(JavaClass user) {
    return used.computeIfAbsent(user.getPackage(), BeInNoLargeCircle::uses)
        .getOrDefault(user, Set.of());
  }

  /** What each class of a package uses in it. A nested class counts as the one that contains it. */
  private static Map<JavaClass, Set<JavaClass>> uses(JavaPackage javaPackage) {
    Map<JavaClass, Set<JavaClass>> uses = new HashMap<>();
    for (JavaClass each : javaPackage.getClasses()) {
      JavaClass user = topLevel(each);
      for (Dependency dependency : each.getDirectDependenciesFromSelf()) {
        JavaClass target = dependency.getTargetClass().getBaseComponentType();
        if (target.getPackageName().equals(javaPackage.getName())
            && !topLevel(target).equals(user)) {
          uses.computeIfAbsent(user, ignored -> new HashSet<>()).add(topLevel(target));
        }
      }
    }
    return uses;
  }

  static JavaClass topLevel(JavaClass nested) {
    return nested.getEnclosingClass().map(BeInNoLargeCircle::topLevel).orElse(nested);
  }
}
