package dev.latchkey.vault.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.latchkey.actuate.RotationEndpointWebExtension;
import dev.latchkey.autoconfigure.RotationEndpointAutoConfiguration;
import dev.latchkey.autoconfigure.key.KeysetAutoConfiguration;
import dev.latchkey.autoconfigure.secret.RotatingSecretAutoConfiguration;
import dev.latchkey.follow.internal.Followers;
import dev.latchkey.secret.SecretStatus;
import dev.latchkey.secret.rotating.internal.PinnedSecretSource;
import dev.latchkey.secret.rotating.internal.RotatingSecrets;
import dev.latchkey.store.Backend;
import dev.latchkey.test.BaoServer;
import dev.latchkey.test.internal.RecordingProxy;
import dev.latchkey.test.internal.database.DatabaseSecrets;
import dev.latchkey.test.internal.database.PostgresServer;
import java.time.Clock;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.assertj.AssertableWebApplicationContext;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;

/**
 * The policy that the endpoint shows for an application that reads every kind of secret: every line
 * is necessary.
 */
class SecretPolicyIntegrationTests {

  private static final String ALL =
      "path \"*\" { capabilities = [\"create\", \"read\", \"update\"] }";

  private final BaoServer server = BaoServer.shared();
  private final PostgresServer database = PostgresServer.shared();

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void needsEveryLineOfThePolicyForSecrets(boolean inNamespace) {
    Place place = new Place(inNamespace ? newNamespace() : "");

    String policy = place.policy();
    assertThat(policy.lines())
        .containsExactlyInAnyOrder(
            "path \"cubbyhole/latchkey\" { capabilities = [\"create\", \"update\"] }",
            reading(place.value.replaceFirst("/", "/data/")),
            reading(place.value.replaceFirst("/", "/metadata/")),
            reading(place.lent),
            reading(place.lookedUp),
            reading(place.fixed),
            "path \"sys/leases/renew\" { capabilities = [\"update\"] }",
            "path \"sys/leases/revoke\" { capabilities = [\"update\"] }");

    assertThat(place.failure(policy)).isNull();
    policy
        .lines()
        .filter(line -> !line.startsWith("path \"cubbyhole/")) // a single node needs no proof
        .forEach(
            line ->
                assertThat(place.failure(policy.replace(line, "")))
                    .as("without %s", line)
                    .isNotNull());
  }

  private static String reading(String path) {
    return "path \"%s\" { capabilities = [\"read\"] }".formatted(path);
  }

  private String newNamespace() {
    String name = server.newName("team");
    server.post("sys/namespaces/" + name, Map.of());
    return name + "/";
  }

  /** Every kind of secret for one application. */
  private final class Place {

    private final String namespace;
    private final DatabaseSecrets engine;
    private final String value;
    private final String lent;
    private final String lookedUp;
    private final String fixed;

    Place(String namespace) {
      this.namespace = namespace;
      String mount = server.newName("kv");
      server.mountKvIn(namespace.replace("/", ""), mount, 2);
      server.post(namespace + mount + "/data/payments", Map.of("data", Map.of("key", "x")));
      engine = DatabaseSecrets.mountIn(namespace, server, database);
      value = mount + "/payments";
      lent = engine.role(Duration.ofSeconds(2), Duration.ofHours(1));
      lookedUp = engine.role(Duration.ofSeconds(2), Duration.ofHours(1));
      fixed = engine.staticRole(Duration.ofHours(1));
    }

    /** The policy that the endpoint shows for an application that may do everything. */
    String policy() {
      String[] policy = new String[1];
      assertThat(
              failure(
                  ALL,
                  context ->
                      policy[0] =
                          context
                              .getBean(RotationEndpointWebExtension.class)
                              .policy("policies", "application")))
          .isNull();
      return policy[0];
    }

    @Nullable Throwable failure(String policy) {
      return failure(policy, context -> {});
    }

    /** Looks up, follows, renews and revokes. Returns what failed, or null. */
    private @Nullable Throwable failure(
        String policy, Consumer<AssertableWebApplicationContext> use) {
      Throwable[] failure = new Throwable[1];
      try (RecordingProxy proxy = RecordingProxy.before(server)) {
        runner(proxy, server.tokenIn(namespace, policy))
            .run(
                context -> {
                  failure[0] = context.getStartupFailure();
                  if (failure[0] == null) {
                    failure[0] = failureOf(() -> follow(context, proxy));
                    use.accept(context);
                  }
                });
      }
      return failure[0] != null ? failure[0] : failureOf(() -> assertNothingLent());
    }

    private WebApplicationContextRunner runner(RecordingProxy proxy, String token) {
      return new WebApplicationContextRunner()
          .withConfiguration(
              AutoConfigurations.of(
                  KeysetAutoConfiguration.class,
                  RotatingSecretAutoConfiguration.class,
                  RotationEndpointAutoConfiguration.class))
          .withPropertyValues(
              "management.endpoints.web.exposure.include=rotation",
              "latchkey.vault.uri=" + proxy.uri(),
              "latchkey.vault.namespace=" + namespace,
              "latchkey.vault.token=" + token,
              "latchkey.refresh.interval=200ms",
              "latchkey.secrets.payments.reference=vault@" + value,
              "latchkey.secrets.lent.reference=vault@" + lent,
              "latchkey.secrets.fixed.reference=vault@" + fixed);
    }

    private void follow(AssertableWebApplicationContext context, RecordingProxy proxy) {
      try (PinnedSecretSource lookups =
          new PinnedSecretSource(
              context.getBean(Backend.class).secrets(),
              context.getBean(Followers.class),
              Clock.systemUTC())) {
        assertThat(lookups.read(lookedUp, null)).isPresent();
        followSecrets(context, proxy);
      }
    }

    private void followSecrets(AssertableWebApplicationContext context, RecordingProxy proxy) {
      RotatingSecrets secrets = context.getBean(RotatingSecrets.class);
      List.of("payments", "lent", "fixed").forEach(name -> secrets.get(name).current());
      await()
          .atMost(Duration.ofSeconds(10))
          .until(
              () ->
                  secrets.status().values().stream()
                      .allMatch(each -> each.problem() != null || isFollowed(each)));
      assertThat(secrets.status().values()).extracting(SecretStatus::problem).containsOnlyNulls();
      assertThat(
              Collections.frequency(
                  proxy.requests(), "GET /v1/" + value.replaceFirst("/", "/data/")))
          .as("reads of a value that does not change")
          .isOne();
    }

    private static boolean isFollowed(SecretStatus status) {
      return status.lease() != null
          ? status.lease().renewedAt().isAfter(status.lease().takenAt())
          : status.counts().refreshes() > 0;
    }

    private void assertNothingLent() {
      assertThat(engine.leases(lent)).isEmpty();
      assertThat(engine.leases(lookedUp)).isEmpty();
    }

    private static @Nullable Throwable failureOf(Runnable check) {
      try {
        check.run();
        return null;
      } catch (RuntimeException | AssertionError ex) {
        return ex;
      }
    }
  }
}
