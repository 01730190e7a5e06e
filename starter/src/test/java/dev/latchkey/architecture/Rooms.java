package dev.latchkey.architecture;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** How many classes the packages contain, and how many of them a user can name. */
record Rooms(List<JavaClass> types) {

  static Rooms of(JavaClasses classes) {
    return new Rooms(
        classes.stream()
            .filter(each -> each.isTopLevelClass() && !each.getSimpleName().equals("package-info"))
            .toList());
  }

  Map<String, Long> sizes() {
    return types.stream()
        .collect(
            Collectors.groupingBy(JavaClass::getPackageName, TreeMap::new, Collectors.counting()));
  }

  /** The size that nine of ten packages do not exceed. */
  long ninetiethPercentile() {
    List<Long> sorted = sizes().values().stream().sorted().toList();
    return sorted.get((int) Math.ceil(sorted.size() * 0.9) - 1);
  }

  long largest() {
    return sizes().values().stream().mapToLong(Long::longValue).max().orElseThrow();
  }

  /** Public types outside of packages marked internal. */
  List<JavaClass> nameable() {
    return types.stream()
        .filter(each -> each.getModifiers().contains(JavaModifier.PUBLIC))
        .filter(each -> !List.of(each.getPackageName().split("\\.")).contains("internal"))
        .toList();
  }

  double shareOfNameable() {
    return (double) nameable().size() / types.size();
  }

  @Override
  public String toString() {
    StringBuilder report =
        new StringBuilder(
            "%d packages, %d types; classes per package: p90 %d, max %d; nameable: %d (%.0f%%)%n"
                .formatted(
                    sizes().size(),
                    types.size(),
                    ninetiethPercentile(),
                    largest(),
                    nameable().size(),
                    100 * shareOfNameable()));
    sizes().forEach((name, size) -> report.append("%4d %s%n".formatted(size, name)));
    nameable().forEach(each -> report.append("     %s%n".formatted(each.getName())));
    return report.toString();
  }
}
