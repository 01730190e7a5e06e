package dev.latchkey.vault.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.crypto.tink.PublicKeySign;
import com.google.crypto.tink.PublicKeyVerify;
import dev.latchkey.actuate.RotationEndpointWebExtension;
import dev.latchkey.autoconfigure.RotationEndpointAutoConfiguration;
import dev.latchkey.autoconfigure.key.KeysetAutoConfiguration;
import dev.latchkey.autoconfigure.secret.RotatingSecretAutoConfiguration;
import dev.latchkey.key.KeysetAccess;
import dev.latchkey.key.KeysetId;
import dev.latchkey.key.live.internal.KeysetRegistry;
import dev.latchkey.key.rotation.KeyAction;
import dev.latchkey.key.rotation.internal.RotationService;
import dev.latchkey.key.rotation.internal.Rotator;
import dev.latchkey.store.Backend;
import dev.latchkey.test.BaoServer;
import dev.latchkey.vault.internal.client.PolicyLine;
import dev.latchkey.vault.internal.policy.Policies;
import dev.latchkey.vault.internal.policy.Policies.Keyset;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;

/**
 * The policies of an application that signs, its consumers and its operator: every line is
 * necessary.
 */
final class VaultPolicyIntegrationTests {

  private static final KeysetId RECEIPTS = new KeysetId("shop", "receipts");
  private static final byte[] TEXT = {1, 2, 3};

  /** Everything except destruction, which has its own tests. */
  private static final Function<Policies, String> ROTATING =
      policies ->
          policies
              .application()
              .lines()
              .filter(line -> !line.contains("/metadata/"))
              .map(line -> line.contains("/keys/") ? line.replace("\"read\", ", "") : line)
              .filter(line -> !line.contains("/keys/") || line.contains("update"))
              .collect(Collectors.joining("\n"));

  private final BaoServer server = BaoServer.shared();

  /** Prefix of the tests' engines and policies, with a trailing slash. */
  private String namespace = "";

  /** Policy paths are relative to the namespace. */
  @Test
  void needsTheSamePoliciesInANamespace() {
    String team = server.newName("team");
    server.post("sys/namespaces/" + team, Map.of());
    namespace = team + "/";
    needsEveryLineOfTheApplicationPolicyWhenItMayCreate();
    needsEveryLineOfTheApplicationPolicyWhenItMayNotCreate();
    needsEveryLineOfTheConsumerPolicy();
    needsEveryLineOfThePublicConsumerPolicy();
    needsEveryLineOfTheOperatorPolicy();
    showsThePoliciesInTheEndpoint();
  }

  @Test
  void needsEveryLineOfTheApplicationPolicyWhenItMayCreate() {
    assertEnoughAndNoMore(Place::empty, ROTATING, Place::failureOfOwnerThatCreates);
  }

  @Test
  void needsEveryLineOfTheApplicationPolicyWhenItMayNotCreate() {
    assertEnoughAndNoMore(Place::withKeyset, ROTATING, Place::failureOfOwner);
    assertThat(
            new Place()
                .policies(false)
                .application()
                .lines()
                .filter(line -> !isForProof(line))
                .toList())
        .noneMatch(line -> line.contains("create"))
        .noneMatch(line -> line.contains("/keys/") && line.contains("update"));
  }

  @Test
  void needsEveryLineOfTheConsumerPolicy() {
    assertEnoughAndNoMore(
        Place::withKeyset, policies -> policies.consumer(), Place::failureOfConsumer);
  }

  @Test
  void needsEveryLineOfThePublicConsumerPolicy() {
    assertEnoughAndNoMore(
        Place::withKeyset, policies -> policies.publicConsumer(), Place::failureOfPublicConsumer);
  }

  @Test
  void needsEveryLineOfTheOperatorPolicy() {
    assertEnoughAndNoMore(
        Place::withKeyset, policies -> policies.operator(), Place::failureOfOperator);
  }

  @Test
  void needsTheOwnersPoliciesWhenKeysetsAreShared() {
    Policies policies =
        new Policies(
            "secret",
            "latchkey",
            "transit",
            List.of(
                new Keyset(new KeysetId("billing", "orders"), KeysetAccess.READ, false, false),
                new Keyset(new KeysetId("billing", "receipts"), KeysetAccess.PUBLIC, true, false)),
            List.of());

    assertThat(policies.texts())
        .isEqualTo(
            Map.of(
                "application",
                """
                path "cubbyhole/latchkey" { capabilities = ["create", "update"] }
                path "secret/data/latchkey/billing/orders" { capabilities = ["read"] }
                path "transit/decrypt/latchkey.billing.orders" { capabilities = ["update"] }
                path "secret/data/latchkey/billing/receipts.public" { capabilities = ["read"] }
                """));
  }

  @Test
  void namesEveryKeysetAndSecretOfTheApplication() {
    Policies policies =
        new Policies(
            "secret",
            "latchkey",
            "transit",
            List.of(
                Keyset.own(new KeysetId("shop", "orders"), false, true),
                Keyset.own(RECEIPTS, true, false)),
            List.of(PolicyLine.allowing("secret/data/orders-db", "read")));

    assertThat(policies.texts().keySet())
        .containsExactly("application", "consumer", "public-consumer", "operator");
    assertThat(policies.application())
        .isEqualTo(
            """
            path "cubbyhole/latchkey" { capabilities = ["create", "update"] }
            path "secret/data/latchkey/shop/orders" { capabilities = ["create", "read", "update"] }
            path "secret/data/latchkey/shop/orders.usage" { capabilities = ["create", "read", "update"] }
            path "secret/metadata/latchkey/shop/orders" { capabilities = ["read"] }
            path "transit/encrypt/latchkey.shop.orders" { capabilities = ["update"] }
            path "transit/decrypt/latchkey.shop.orders" { capabilities = ["update"] }
            path "transit/keys/latchkey.shop.orders" { capabilities = ["read", "update"] }
            path "secret/data/latchkey/shop/receipts" { capabilities = ["read", "update"] }
            path "secret/data/latchkey/shop/receipts.usage" { capabilities = ["read", "update"] }
            path "secret/data/latchkey/shop/receipts.public" { capabilities = ["read", "update"] }
            path "secret/metadata/latchkey/shop/receipts" { capabilities = ["read"] }
            path "transit/encrypt/latchkey.shop.receipts" { capabilities = ["update"] }
            path "transit/decrypt/latchkey.shop.receipts" { capabilities = ["update"] }
            path "transit/keys/latchkey.shop.receipts" { capabilities = ["read"] }
            path "secret/data/orders-db" { capabilities = ["read"] }
            """);
    assertThat(policies.consumer())
        .isEqualTo(
            """
            path "cubbyhole/latchkey" { capabilities = ["create", "update"] }
            path "secret/data/latchkey/shop/orders" { capabilities = ["read"] }
            path "transit/decrypt/latchkey.shop.orders" { capabilities = ["update"] }
            path "secret/data/latchkey/shop/receipts" { capabilities = ["read"] }
            path "transit/decrypt/latchkey.shop.receipts" { capabilities = ["update"] }
            """);
    assertThat(policies.publicConsumer())
        .isEqualTo(
            """
            path "cubbyhole/latchkey" { capabilities = ["create", "update"] }
            path "secret/data/latchkey/shop/receipts.public" { capabilities = ["read"] }
            """);
  }

  @Test
  void showsThePoliciesInTheEndpoint() {
    Place place = new Place().withKeyset();
    String token = place.token(place.policies(true).application());
    new WebApplicationContextRunner()
        .withConfiguration(
            AutoConfigurations.of(
                KeysetAutoConfiguration.class,
                RotatingSecretAutoConfiguration.class,
                RotationEndpointAutoConfiguration.class))
        .withPropertyValues(place.properties(token))
        .withPropertyValues("management.endpoints.web.exposure.include=rotation")
        .run(
            context -> {
              context.getBean(Backend.class).secrets().read(place.mount + "/orders-db", null);
              var endpoint = context.getBean(RotationEndpointWebExtension.class);

              Policies expected = place.policies(true);
              expected
                  .texts()
                  .forEach(
                      (holder, text) ->
                          assertThat(endpoint.policy("policies", holder))
                              .as(holder)
                              .isEqualTo(text));
              assertThat(expected.texts()).hasSize(4);
              assertThat(endpoint.policy("policies", "nobody")).isNull();
              assertThat(endpoint.policy("receipts", "application")).isNull();
            });
  }

  private void assertEnoughAndNoMore(
      Function<Place, Place> prepared, Function<Policies, String> policy, Task task) {
    boolean create = prepared.apply(new Place()).isEmpty;
    Place whole = prepared.apply(new Place());
    String all = policy.apply(whole.policies(create));
    assertThat(task.failure(whole, all)).isNull();
    for (String capability : capabilities(all)) {
      Place place = prepared.apply(new Place());
      String reduced =
          without(policy.apply(place.policies(create)), place.named(capability, whole));
      assertThat(task.failure(place, reduced)).as("without %s", capability).isNotNull();
    }
  }

  private interface Task {
    @Nullable Throwable failure(Place place, String policy);
  }

  /** Necessary only if several nodes serve reads. */
  private static boolean isForProof(String line) {
    return line.startsWith("path \"cubbyhole/");
  }

  /** Each line and capability, such as {@code path|read}. */
  private static List<String> capabilities(String policy) {
    List<String> all = new ArrayList<>();
    for (String line : policy.lines().filter(line -> !isForProof(line)).toList()) {
      List<String> quoted =
          Pattern.compile("\"([^\"]+)\"").matcher(line).results().map(it -> it.group(1)).toList();
      quoted.stream().skip(1).forEach(capability -> all.add(quoted.get(0) + "|" + capability));
    }
    return all;
  }

  private static String without(String policy, String capability) {
    String path = capability.split("\\|")[0];
    String quoted = "\"" + capability.split("\\|")[1] + "\"";
    StringBuilder reduced = new StringBuilder();
    for (String line : policy.split("\n")) {
      reduced
          .append(
              line.startsWith("path \"" + path + "\"")
                  ? line.replace(quoted + ", ", "").replace(", " + quoted, "").replace(quoted, "")
                  : line)
          .append('\n');
    }
    assertThat(reduced.toString()).isNotEqualTo(policy);
    return reduced.toString();
  }

  /** Separate engines for one application. */
  private final class Place {

    private final String mount = server.newName("kv");
    private final String transit = server.newName("transit");
    private final List<byte[]> signatures = new ArrayList<>();
    private boolean isEmpty = true;

    private Place() {
      server.mountKvIn(namespace.replace("/", ""), mount, 2);
      server.post(namespace + "sys/mounts/" + transit, Map.of("type", "transit"));
      server.post(namespace + mount + "/data/orders-db", Map.of("data", Map.of("password", "x")));
    }

    private Place empty() {
      return this;
    }

    /** Prepares everything with an application that may create keysets. */
    private Place withKeyset() {
      isEmpty = false;
      assertThat(failureOfOwnerThatCreates(policies(true).application())).isNull();
      return this;
    }

    private Policies policies(boolean create) {
      return new Policies(
          mount,
          "latchkey",
          transit,
          List.of(Keyset.own(RECEIPTS, true, create)),
          List.of(PolicyLine.allowing(mount + "/data/orders-db", "read")));
    }

    private String named(String capability, Place other) {
      return capability
          .replaceFirst("^" + other.mount, mount)
          .replaceFirst("^" + other.transit, transit);
    }

    private @Nullable Throwable failureOfOwnerThatCreates(String policy) {
      return failureOfOwner(policy, "if-absent");
    }

    private @Nullable Throwable failureOfOwner(String policy) {
      return failureOfOwner(policy, "never");
    }

    /** Starts, signs, rotates, restarts and verifies. Returns what failed, or null. */
    private @Nullable Throwable failureOfOwner(String policy, String create) {
      String token = token(policy);
      for (int start = 0; start < 2; start++) {
        Throwable failure =
            failure(token, this::rotate, "latchkey.keysets.receipts.create=" + create);
        if (failure != null) {
          return failure;
        }
      }
      return null;
    }

    private void rotate(AssertableApplicationContext context) throws Exception {
      context.getBean(Backend.class).secrets().read(mount + "/orders-db", null).orElseThrow();
      verifyAll(context);
      sign(context);
      Rotator receipts = context.getBean(RotationService.class).find("receipts").orElseThrow();
      receipts.perform(KeyAction.ROTATE, null, true);
      assertThat(receipts.status().problem()).isNull();
      receipts.shareUsage();
      assertThat(receipts.status().activeKeyTotal()).isPresent();
      sign(context);
    }

    private void sign(AssertableApplicationContext context) throws Exception {
      KeysetRegistry registry = context.getBean(KeysetRegistry.class);
      signatures.add(registry.primitive("receipts", PublicKeySign.class).sign(TEXT));
    }

    private void verifyAll(AssertableApplicationContext context) throws Exception {
      KeysetRegistry registry = context.getBean(KeysetRegistry.class);
      for (byte[] signature : signatures) {
        registry.primitive("receipts", PublicKeyVerify.class).verify(signature, TEXT);
      }
    }

    private @Nullable Throwable failureOfConsumer(String policy) {
      return failure(
          token(policy),
          context -> {
            verifyAll(context);
            sign(context);
          },
          "spring.application.name=reports",
          "latchkey.keysets.receipts.owner=shop",
          "latchkey.keysets.receipts.access=read");
    }

    private @Nullable Throwable failureOfPublicConsumer(String policy) {
      return failure(
          token(policy),
          this::verifyAll,
          "spring.application.name=auditor",
          "latchkey.keysets.receipts.owner=shop",
          "latchkey.keysets.receipts.access=public");
    }

    private @Nullable Throwable failure(String token, Use use, String... properties) {
      List<Throwable> failures = new ArrayList<>();
      new ApplicationContextRunner()
          .withConfiguration(AutoConfigurations.of(KeysetAutoConfiguration.class))
          .withPropertyValues(properties(token))
          .withPropertyValues(properties)
          .run(
              context -> {
                try {
                  if (context.getStartupFailure() != null) {
                    throw new IllegalStateException(context.getStartupFailure());
                  }
                  use.with(context);
                } catch (Exception | AssertionError ex) {
                  failures.add(ex);
                }
              });
      return failures.isEmpty() ? null : failures.get(0);
    }

    private String[] properties(String token) {
      return new String[] {
        "spring.application.name=shop",
        "latchkey.vault.uri=" + server.uri(),
        "latchkey.vault.namespace=" + namespace,
        "latchkey.vault.token=" + token,
        "latchkey.store.vault.mount=" + mount,
        "latchkey.store.vault.transit-mount=" + transit,
        "latchkey.keysets.receipts.template=ED25519"
      };
    }

    /** Prepares another keyset, and permanently destroys the keys of this one. */
    private @Nullable Throwable failureOfOperator(String policy) {
      String token = token(policy);
      String documents = namespace + mount;
      String name = "latchkey/shop/receipts";
      String key = namespace + transit + "/keys/latchkey.shop.receipts";
      server.delete(documents + "/metadata/" + name + ".usage");
      List<HttpResponse<String>> answers =
          List.of(
              server.exchange(token, "POST", key, Map.of()),
              server.exchange(
                  token,
                  "POST",
                  documents + "/data/" + name + ".usage",
                  Map.of("data", Map.of("document", "{\"format\":1,\"protectedCounts\":{}}"))),
              server.exchange(token, "POST", key + "/rotate", Map.of()),
              server.exchange(
                  token,
                  "POST",
                  key + "/config",
                  Map.of("min_decryption_version", 2, "min_encryption_version", 2)),
              server.exchange(token, "POST", key + "/trim", Map.of("min_available_version", 2)),
              server.exchange(token, "GET", key, null),
              server.exchange(
                  token, "POST", documents + "/destroy/" + name, Map.of("versions", List.of(1))),
              server.exchange(token, "GET", documents + "/metadata/" + name, null));
      return answers.stream()
          .filter(answer -> answer.statusCode() >= 300)
          .findFirst()
          .map(answer -> new AssertionError(answer + answer.body()))
          .orElse(null);
    }

    private String token(String policy) {
      return server.tokenIn(namespace, policy);
    }
  }

  private interface Use {
    void with(AssertableApplicationContext context) throws Exception;
  }
}
