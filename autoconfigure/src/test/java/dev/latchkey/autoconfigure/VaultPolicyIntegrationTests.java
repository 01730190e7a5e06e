package dev.latchkey.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.crypto.tink.Aead;
import dev.latchkey.keyset.KeysetId;
import dev.latchkey.keyset.KeysetRegistry;
import dev.latchkey.rotation.KeyAction;
import dev.latchkey.rotation.RotationService;
import dev.latchkey.rotation.Rotator;
import dev.latchkey.test.BaoServer;
import dev.latchkey.vault.ApplicationPolicy;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

/** An application that starts, encrypts, rotates and starts again with a policy and no more. */
final class VaultPolicyIntegrationTests {

  private static final byte[] PLAINTEXT = {1, 2, 3};

  private final BaoServer server = BaoServer.shared();

  @Test
  void sufficesWhereTheApplicationMayCreate() {
    Place place = new Place();

    assertThat(place.failureWith(place.policy(true).text(), "if-absent")).isNull();
  }

  @Test
  void sufficesWithoutAnyCreateCapabilityWhereItMayNot() {
    Place place = new Place();
    assertThat(place.failureWith(place.policy(true).text(), "if-absent")).isNull();
    String policy = place.policy(false).text();

    assertThat(policy.lines().filter(line -> !isForProof(line)))
        .noneMatch(line -> line.contains("create") || line.contains("/keys/"));
    assertThat(place.failureWith(policy, "never")).isNull();
  }

  @Test
  void holdsNothingThatIsNotNeeded() {
    for (boolean create : new boolean[] {true, false}) {
      Place complete = new Place();
      for (String capability : capabilities(complete.policy(create).text())) {
        Place place = new Place();
        if (!create) {
          assertThat(place.failureWith(place.policy(true).text(), "if-absent")).isNull();
        }
        String reduced = without(place.policy(create).text(), place.named(capability, complete));

        assertThat(place.failureWith(reduced, create ? "if-absent" : "never"))
            .as("create=%s without %s", create, capability)
            .isNotNull();
      }
    }
  }

  @Test
  void namesEveryKeysetAndSecretOfTheApplication() {
    assertThat(
            new ApplicationPolicy(
                    "secret",
                    "latchkey",
                    "transit",
                    List.of(
                        new ApplicationPolicy.Keyset(new KeysetId("shop", "orders"), true),
                        new ApplicationPolicy.Keyset(new KeysetId("shop", "receipts"), false)),
                    List.of("secret/data/orders-db"))
                .text())
        .isEqualTo(
            """
            path "cubbyhole/latchkey" { capabilities = ["create", "update"] }
            path "secret/data/latchkey/shop/orders" { capabilities = ["create", "read", "update"] }
            path "secret/data/latchkey/shop/orders.usage" { capabilities = ["create", "read", "update"] }
            path "transit/encrypt/latchkey.shop.orders" { capabilities = ["update"] }
            path "transit/decrypt/latchkey.shop.orders" { capabilities = ["update"] }
            path "transit/keys/latchkey.shop.orders" { capabilities = ["update"] }
            path "secret/data/latchkey/shop/receipts" { capabilities = ["read", "update"] }
            path "secret/data/latchkey/shop/receipts.usage" { capabilities = ["read", "update"] }
            path "transit/encrypt/latchkey.shop.receipts" { capabilities = ["update"] }
            path "transit/decrypt/latchkey.shop.receipts" { capabilities = ["update"] }
            path "secret/data/orders-db" { capabilities = ["read"] }
            """);
  }

  /** Needed where several nodes answer, which this server is not. */
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

  /** Engines of their own for one application. */
  private final class Place {

    private final String mount = server.mountKv(2);
    private final String transit = server.mountTransit();

    Place() {
      server.post(mount + "/data/orders-db", Map.of("data", Map.of("password", "x")));
    }

    ApplicationPolicy policy(boolean create) {
      return new ApplicationPolicy(
          mount,
          "latchkey",
          transit,
          List.of(new ApplicationPolicy.Keyset(new KeysetId("shop", "orders"), create)),
          List.of(mount + "/data/orders-db"));
    }

    String named(String capability, Place other) {
      return capability
          .replaceFirst("^" + other.mount, mount)
          .replaceFirst("^" + other.transit, transit);
    }

    /** Starts, encrypts, rotates, starts again, decrypts; what failed, or null. */
    @Nullable Throwable failureWith(String policy, String create) {
      String token = server.tokenWithoutDefault(server.policy(policy));
      List<Throwable> failures = new ArrayList<>();
      List<byte[]> ciphertexts = new ArrayList<>();
      ApplicationContextRunner runner =
          new ApplicationContextRunner()
              .withConfiguration(AutoConfigurations.of(LatchkeyAutoConfiguration.class))
              .withPropertyValues(
                  "spring.application.name=shop",
                  "latchkey.vault.uri=" + server.uri(),
                  "latchkey.vault.token=" + token,
                  "latchkey.store.vault.mount=" + mount,
                  "latchkey.store.vault.transit-mount=" + transit,
                  "latchkey.keysets.orders.template=AES256_GCM",
                  "latchkey.keysets.orders.create=" + create);
      for (int start = 0; start < 2 && failures.isEmpty(); start++) {
        runner.run(
            context -> {
              try {
                use(context, ciphertexts);
              } catch (Exception | AssertionError ex) {
                failures.add(ex);
              }
            });
      }
      return failures.isEmpty() ? null : failures.get(0);
    }

    private void use(AssertableApplicationContext context, List<byte[]> ciphertexts)
        throws Exception {
      if (context.getStartupFailure() != null) {
        throw new IllegalStateException(context.getStartupFailure());
      }
      context.getBean(Backend.class).secrets().read(mount + "/orders-db", null).orElseThrow();
      Aead aead = context.getBean(KeysetRegistry.class).primitive("orders", Aead.class);
      for (byte[] ciphertext : ciphertexts) {
        assertThat(aead.decrypt(ciphertext, null)).isEqualTo(PLAINTEXT);
      }
      ciphertexts.add(aead.encrypt(PLAINTEXT, null));
      Rotator orders = context.getBean(RotationService.class).find("orders").orElseThrow();
      orders.perform(KeyAction.ROTATE, null, true);
      orders.shareUsage();
      assertThat(orders.status().activeKeyTotal()).isPresent();
      ciphertexts.add(aead.encrypt(PLAINTEXT, null));
    }
  }
}
