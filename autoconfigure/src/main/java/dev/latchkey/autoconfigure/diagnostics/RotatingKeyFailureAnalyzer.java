package dev.latchkey.autoconfigure.diagnostics;

import dev.latchkey.annotation.RotatingKey;
import dev.latchkey.annotation.internal.ConfiguredKeysets;
import dev.latchkey.annotation.internal.ConfiguredNames;
import dev.latchkey.internal.NearestName;
import dev.latchkey.key.KeysetAccess;
import dev.latchkey.key.PrimitiveFamily;
import dev.latchkey.key.live.internal.KeysetBeans;
import dev.latchkey.secret.RotatingSecret;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.InjectionPoint;
import org.springframework.beans.factory.NoSuchBeanDefinitionException;
import org.springframework.beans.factory.UnsatisfiedDependencyException;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.core.DefaultParameterNameDiscoverer;
import org.springframework.core.MethodParameter;
import org.springframework.core.Ordered;
import org.springframework.core.ResolvableType;
import org.springframework.core.annotation.Order;
import org.springframework.core.env.Environment;
import org.springframework.util.StringUtils;

/**
 * Explains why there is no bean for a {@link RotatingKey}: the keyset or secret is unknown, or does
 * not provide the type. Precedes Spring Boot's analyzer of missing beans, which would suggest to
 * define one.
 */
@Order(Ordered.HIGHEST_PRECEDENCE)
final class RotatingKeyFailureAnalyzer
    extends AbstractFailureAnalyzer<NoSuchBeanDefinitionException> {

  private final Environment environment;

  RotatingKeyFailureAnalyzer(Environment environment) {
    this.environment = environment;
  }

  @Override
  protected @Nullable FailureAnalysis analyze(
      Throwable rootFailure, NoSuchBeanDefinitionException cause) {
    InjectionPoint point = innermostInjectionPoint(rootFailure);
    ResolvableType type = cause.getResolvableType();
    RotatingKey key = (point != null) ? point.getAnnotation(RotatingKey.class) : null;
    if (point == null || key == null || type == null) {
      return null;
    }
    Explanation explanation = explain(key.value(), type.toClass());
    return (explanation != null)
        ? new FailureAnalysis(
            describe(point) + " requires " + explanation.problem, explanation.action, cause)
        : null;
  }

  private static @Nullable InjectionPoint innermostInjectionPoint(Throwable failure) {
    InjectionPoint point = null;
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof UnsatisfiedDependencyException unsatisfied) {
        point = unsatisfied.getInjectionPoint();
      }
    }
    return point;
  }

  private @Nullable Explanation explain(String keyset, Class<?> type) {
    if (!environment.getProperty("latchkey.enabled", Boolean.class, true)) {
      return new Explanation(
          type == RotatingSecret.class
              ? "the secret '%s', but latchkey.enabled is false".formatted(keyset)
              : "the keyset '%s', but latchkey.enabled is false".formatted(keyset),
          "Remove latchkey.enabled=false, or define a bean that replaces it.");
    }
    Map<String, ConfiguredKeysets.Keyset> keysets = ConfiguredKeysets.from(environment).keysets();
    List<String> secrets = ConfiguredNames.secretsIn(environment);
    if (secrets.contains(keyset)) {
      return (type == RotatingSecret.class) ? null : secretAs(keyset, type);
    }
    ConfiguredKeysets.Keyset configured = keysets.get(keyset);
    if (configured == null) {
      return (type == RotatingSecret.class)
          ? unknownSecret(keyset, secrets)
          : unknownKeyset(keyset, type, keysets.keySet());
    }
    if (configured.beans().contains(type)) {
      return null;
    }
    String given = PrimitiveFamily.names(configured.interfaces());
    String template = configured.template().name();
    if (KeysetBeans.of(KeysetAccess.OWN, configured.template().family()).contains(type)) {
      return new Explanation(
          "%s of the keyset '%s', but latchkey.keysets.%s.access is public, which provides only %s"
              .formatted(type.getSimpleName(), keyset, keyset, given),
          "Inject %s, or set latchkey.keysets.%s.access=read and grant the application the policy of a consumer."
              .formatted(given, keyset));
    }
    String problem =
        "%s of the keyset '%s', but its template %s provides only %s"
            .formatted(type.getSimpleName(), keyset, template, given);
    String action = "Inject %s".formatted(given.replace("and", "or"));
    return new Explanation(
        problem,
        familyOf(type)
            .map(
                family ->
                    "%s. For %s, use another keyset with a template such as %s."
                        .formatted(action, type.getSimpleName(), family.example()))
            .orElse(action + "."));
  }

  private static Explanation secretAs(String secret, Class<?> type) {
    return new Explanation(
        "%s of '%s', which is a secret".formatted(type.getSimpleName(), secret),
        "Inject a RotatingSecret, or name a keyset.");
  }

  private static Explanation unknownSecret(String secret, Collection<String> configured) {
    return unknown(
        "the secret '%s', which is not configured".formatted(secret),
        secret,
        configured,
        "add the secret: latchkey.secrets.%s.reference=vault@secret/%s".formatted(secret, secret));
  }

  private static Explanation unknownKeyset(
      String keyset, Class<?> type, Collection<String> configured) {
    return unknown(
        "the keyset '%s', which is not configured".formatted(keyset),
        keyset,
        configured,
        "add the keyset: latchkey.keysets.%s.template=%s"
            .formatted(keyset, familyOf(type).orElse(PrimitiveFamily.AEAD).example()));
  }

  private static Explanation unknown(
      String problem, String name, Collection<String> configured, String add) {
    return new Explanation(
        problem,
        NearestName.of(name, configured)
            .map(near -> "Did you mean '%s'? If not, %s".formatted(near, add))
            .orElse(StringUtils.capitalize(add)));
  }

  private static Optional<PrimitiveFamily> familyOf(Class<?> type) {
    return Arrays.stream(PrimitiveFamily.values())
        .filter(family -> KeysetBeans.of(KeysetAccess.OWN, family).contains(type))
        .findFirst();
  }

  private static String describe(InjectionPoint point) {
    String type = point.getMember().getDeclaringClass().getName();
    MethodParameter parameter = point.getMethodParameter();
    if (parameter == null) {
      return "Field '%s' of %s".formatted(point.getMember().getName(), type);
    }
    parameter.initParameterNameDiscovery(new DefaultParameterNameDiscoverer());
    String name =
        (parameter.getParameterName() != null)
            ? "'%s'".formatted(parameter.getParameterName())
            : String.valueOf(parameter.getParameterIndex());
    String executable =
        (parameter.getConstructor() != null)
            ? "the constructor"
            : "the method '%s'".formatted(point.getMember().getName());
    return "Parameter %s of %s of %s".formatted(name, executable, type);
  }

  private record Explanation(String problem, String action) {}
}
