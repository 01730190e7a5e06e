package dev.latchkey.test.internal;

import java.lang.reflect.Field;
import java.lang.reflect.GenericArrayType;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.lang.reflect.WildcardType;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Queue;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The types that an object of a type gives access to: through its fields, its record components,
 * the results of its methods, its supertypes and permitted subtypes, and the type arguments of all
 * of these. Only types of this project are expanded.
 */
public final class TypeGraph {

  private static final String PROJECT = "dev.latchkey.";

  private TypeGraph() {}

  /**
   * Finds the shortest path from a type to a forbidden one.
   *
   * @return the path in words, such as {@code Status > snapshot > handle > KeysetHandle}
   */
  public static Optional<String> path(Class<?> start, Predicate<Class<?>> forbidden) {
    Map<Class<?>, String> paths = new HashMap<>();
    Queue<Class<?>> open = new ArrayDeque<>();
    paths.put(start, start.getSimpleName());
    open.add(start);
    for (Class<?> type = open.poll(); type != null; type = open.poll()) {
      String path = Objects.requireNonNull(paths.get(type));
      if (forbidden.test(type)) {
        return Optional.of(path);
      }
      if (type.getName().startsWith(PROJECT)) {
        members(type)
            .forEach(
                member ->
                    classes(member.type())
                        .filter(next -> !paths.containsKey(next))
                        .forEach(
                            next -> {
                              paths.put(
                                  next,
                                  "%s > %s%s"
                                      .formatted(path, member.prefix(), next.getSimpleName()));
                              open.add(next);
                            }));
      }
    }
    return Optional.empty();
  }

  private static Stream<Member> members(Class<?> type) {
    return Stream.of(
            Arrays.stream(type.getDeclaredFields())
                .filter(field -> !field.isSynthetic() && !isStaticOfAnother(field))
                .map(field -> new Member(field.getName(), field.getGenericType())),
            Arrays.stream(type.getDeclaredMethods())
                .filter(method -> !method.isSynthetic() && isCallable(method))
                .map(method -> new Member(method.getName(), method.getGenericReturnType())),
            Arrays.stream(type.getGenericInterfaces()).map(it -> new Member(null, it)),
            Stream.ofNullable(type.getGenericSuperclass()).map(it -> new Member(null, it)),
            Stream.ofNullable(type.getPermittedSubclasses())
                .flatMap(Arrays::stream)
                .map(it -> new Member(null, it)))
        .flatMap(it -> it);
  }

  /** What a private constant holds does not belong to an object; what its own constants are is. */
  private static boolean isStaticOfAnother(Field field) {
    return Modifier.isStatic(field.getModifiers())
        && Modifier.isPrivate(field.getModifiers())
        && field.getType() != field.getDeclaringClass();
  }

  private static boolean isCallable(Method method) {
    return !Modifier.isPrivate(method.getModifiers());
  }

  private static Stream<Class<?>> classes(Type type) {
    if (type instanceof Class<?> raw) {
      return Stream.of(raw.isArray() ? raw.getComponentType() : raw);
    }
    if (type instanceof ParameterizedType generic) {
      return Stream.concat(
          classes(generic.getRawType()),
          Arrays.stream(generic.getActualTypeArguments()).flatMap(TypeGraph::classes));
    }
    if (type instanceof GenericArrayType array) {
      return classes(array.getGenericComponentType());
    }
    if (type instanceof WildcardType wildcard) {
      return Stream.of(wildcard.getUpperBounds(), wildcard.getLowerBounds())
          .flatMap(Arrays::stream)
          .flatMap(TypeGraph::classes);
    }
    if (type instanceof TypeVariable<?> variable) {
      return Arrays.stream(variable.getBounds())
          .filter(bound -> bound instanceof Class<?>)
          .flatMap(TypeGraph::classes);
    }
    return Stream.empty();
  }

  /**
   * A type that another one gives access to.
   *
   * @param name the name of the field or method; null for a supertype or subtype
   */
  private record Member(@Nullable String name, Type type) {

    private String prefix() {
      return name == null ? "" : name + " > ";
    }
  }
}
