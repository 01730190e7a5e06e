package dev.latchkey.vault.autoconfigure;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.google.crypto.tink.HybridDecrypt;
import com.google.crypto.tink.HybridEncrypt;
import com.google.crypto.tink.PublicKeySign;
import com.google.crypto.tink.PublicKeyVerify;
import dev.latchkey.LatchkeyException;
import dev.latchkey.key.KeysetId;
import dev.latchkey.key.live.internal.KeysetRegistry;
import dev.latchkey.key.rotation.KeyAction;
import dev.latchkey.key.rotation.KeysetStatus;
import dev.latchkey.key.rotation.RotationRefusedException;
import dev.latchkey.key.rotation.internal.RotationService;
import dev.latchkey.key.rotation.internal.Rotator;
import dev.latchkey.test.BaoServer;
import dev.latchkey.vault.internal.policy.Policies;
import dev.latchkey.vault.internal.policy.Policies.Keyset;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;

/**
 * Three applications on one server, each with its own policy: billing owns the keysets, reports
 * reads them, and the auditor has their public halves.
 */
final class SharingIntegrationTests {

  private static final byte[] TEXT = "text".getBytes(UTF_8);
  private static final int ROTATIONS = 3;

  private final BaoServer server = BaoServer.shared();
  private final String mount = server.mountKv(2);
  private final String transit = server.mountTransit();

  /** {@code invoices} are signed, {@code letters} are encrypted to billing. */
  private final Policies policies =
      new Policies(
          mount,
          "latchkey",
          transit,
          List.of(
              Keyset.own(new KeysetId("billing", "invoices"), true, true),
              Keyset.own(new KeysetId("billing", "letters"), true, true)),
          List.of());

  private final String reading = server.token(server.policy(policies.consumer()));
  private final String auditing = server.token(server.policy(policies.publicConsumer()));

  @Test
  @Timeout(120)
  void rotationsReachReaderAndPublicUserWithoutAFailedOperation() throws Exception {
    try (ConfigurableApplicationContext billing = billing();
        ConfigurableApplicationContext reports = reports();
        ConfigurableApplicationContext auditor = auditor()) {
      AtomicBoolean stopped = new AtomicBoolean();
      AtomicLong operations = new AtomicLong();
      AtomicReference<@Nullable Exception> failure = new AtomicReference<>();
      Thread load =
          new Thread(
              () -> {
                try {
                  while (!stopped.get()) {
                    exchange(billing, reports, auditor);
                    operations.incrementAndGet();
                  }
                } catch (Exception ex) {
                  failure.set(ex);
                }
              });
      load.start();
      for (int rotation = 0; rotation < ROTATIONS; rotation++) {
        rotate(billing, "invoices");
        rotate(billing, "letters");
      }
      awaitSameGeneration(billing, reports, auditor);
      stopped.set(true);
      load.join();

      assertThat(failure.get()).isNull();
      assertThat(operations).hasPositiveValue();
      for (String keyset : List.of("invoices", "letters")) {
        long active = active(billing, keyset);
        assertThat(active(reports, keyset)).isEqualTo(active);
        assertThat(active(auditor, keyset)).isEqualTo(active);
        assertThat(status(auditor, keyset).problem()).isNull();
      }
      assertRefused(reports, "billing");
      assertRefused(auditor, "billing");
    }
  }

  /** What all three do for each other. */
  private static void exchange(
      ConfigurableApplicationContext billing,
      ConfigurableApplicationContext reports,
      ConfigurableApplicationContext auditor)
      throws Exception {
    byte[] signature = primitive(billing, "invoices", PublicKeySign.class).sign(TEXT);
    primitive(auditor, "invoices", PublicKeyVerify.class).verify(signature, TEXT);
    byte[] countersigned = primitive(reports, "invoices", PublicKeySign.class).sign(signature);
    primitive(auditor, "invoices", PublicKeyVerify.class).verify(countersigned, signature);
    byte[] letter = primitive(auditor, "letters", HybridEncrypt.class).encrypt(TEXT, null);
    primitive(reports, "letters", HybridDecrypt.class).decrypt(letter, null);
    primitive(billing, "letters", HybridDecrypt.class).decrypt(letter, null);
  }

  @Test
  void publicUsersTokenReadsThePublicHalfAndNothingElse() {
    billing().close();

    assertThat(status(auditing, "GET", "data", "invoices.public", null)).isEqualTo(200);
    for (String keyset : List.of("invoices", "letters")) {
      assertThat(status(auditing, "GET", "data", keyset, null)).isEqualTo(403);
      assertThat(status(auditing, "GET", "metadata", keyset, null)).isEqualTo(403);
      assertThat(status(auditing, "POST", "data", keyset + ".public", document())).isEqualTo(403);
      assertThat(status(auditing, "DELETE", "data", keyset + ".public", null)).isEqualTo(403);
      for (String operation :
          List.of("decrypt", "encrypt", "keys", "rewrap", "datakey/plaintext")) {
        assertThat(transit(auditing, operation, keyset)).as(operation).isEqualTo(403);
      }
      assertThat(status(reading, "POST", "data", keyset, document())).isEqualTo(403);
      assertThat(status(reading, "POST", "data", keyset + ".public", document())).isEqualTo(403);
      assertThat(transit(reading, "encrypt", keyset)).isEqualTo(403);
      assertThat(transit(reading, "keys", keyset)).isEqualTo(403);
    }
    String published = server.get(mount + "/data/latchkey/billing/invoices.public").toString();
    assertThat(published).doesNotContain("vault:v");
  }

  @Test
  void namesThePathWhereTheOwnerHasNoSuchKeyset() {
    String message =
        "Keyset (invoices|letters) of billing does not exist at %s/latchkey/billing/\\1";
    assertFails(this::reports, message);
    assertFails(this::auditor, message + ".public");
  }

  private void assertFails(ThrowingCallable start, String message) {
    assertThatExceptionOfType(Exception.class)
        .isThrownBy(start)
        .havingRootCause()
        .isInstanceOf(LatchkeyException.class)
        .satisfies(ex -> assertThat(ex.getMessage()).matches(message.formatted(mount)));
  }

  private int status(String token, String method, String area, String name, @Nullable Object json) {
    return server
        .exchange(token, method, "%s/%s/latchkey/billing/%s".formatted(mount, area, name), json)
        .statusCode();
  }

  private int transit(String token, String operation, String keyset) {
    return server
        .exchange(
            token,
            "POST",
            "%s/%s/latchkey.billing.%s".formatted(transit, operation, keyset),
            Map.of("plaintext", "AAAA", "ciphertext", "vault:v1:AAAA"))
        .statusCode();
  }

  private static Map<String, ?> document() {
    return Map.of("data", Map.of("document", "forged"));
  }

  private static void assertRefused(ConfigurableApplicationContext context, String owner) {
    Rotator rotator = context.getBean(RotationService.class).find("invoices").orElseThrow();
    assertThatExceptionOfType(RotationRefusedException.class)
        .isThrownBy(() -> rotator.perform(KeyAction.ROTATE, null, true))
        .withMessageContaining("belongs to " + owner);
  }

  /** As soon as it is allowed. */
  private static void rotate(ConfigurableApplicationContext billing, String keyset) {
    Rotator rotator = billing.getBean(RotationService.class).find(keyset).orElseThrow();
    long before = active(billing, keyset);
    await(
        () -> {
          try {
            rotator.perform(KeyAction.ROTATE, null, false);
          } catch (RotationRefusedException ex) {
            assertThat(ex.allowedFrom()).isNotNull();
          }
          return active(billing, keyset) != before;
        });
  }

  private static void awaitSameGeneration(
      ConfigurableApplicationContext billing, ConfigurableApplicationContext... others) {
    for (ConfigurableApplicationContext other : others) {
      for (String keyset : List.of("invoices", "letters")) {
        await(() -> active(other, keyset) == active(billing, keyset));
      }
    }
  }

  private static void await(BooleanSupplier condition) {
    while (!condition.getAsBoolean()) { // the test's time is limited
      LockSupport.parkNanos(20_000_000);
    }
  }

  private static long active(ConfigurableApplicationContext context, String keyset) {
    return context.getBean(KeysetRegistry.class).snapshot(keyset).metadata().active().id();
  }

  private static KeysetStatus status(ConfigurableApplicationContext context, String keyset) {
    return context.getBean(RotationService.class).find(keyset).orElseThrow().status();
  }

  private static <P> P primitive(
      ConfigurableApplicationContext context, String keyset, Class<P> type) {
    return context.getBean(KeysetRegistry.class).primitive(keyset, type);
  }

  private ConfigurableApplicationContext billing() {
    return run(
        "billing",
        server.token(server.policy(policies.application())),
        "--latchkey.keysets.invoices.rotation.propagation=1s",
        "--latchkey.keysets.letters.rotation.propagation=1s");
  }

  private ConfigurableApplicationContext reports() {
    return run(
        "reports",
        reading,
        "--latchkey.keysets.invoices.owner=billing",
        "--latchkey.keysets.invoices.access=read",
        "--latchkey.keysets.letters.owner=billing",
        "--latchkey.keysets.letters.access=read");
  }

  private ConfigurableApplicationContext auditor() {
    return run(
        "auditor",
        auditing,
        "--latchkey.keysets.invoices.owner=billing",
        "--latchkey.keysets.invoices.access=public",
        "--latchkey.keysets.letters.owner=billing",
        "--latchkey.keysets.letters.access=public");
  }

  private ConfigurableApplicationContext run(String name, String token, String... arguments) {
    return new SpringApplicationBuilder(Application.class)
        .web(WebApplicationType.NONE)
        .properties(
            "spring.application.name=" + name,
            "latchkey.vault.uri=" + server.uri(),
            "latchkey.vault.token=" + token,
            "latchkey.store.vault.mount=" + mount,
            "latchkey.store.vault.transit-mount=" + transit,
            "latchkey.refresh.interval=200ms",
            "latchkey.rotation.max-staleness=1s",
            "latchkey.rotation.drain=0s",
            "latchkey.rotation.clock-skew=0s",
            "latchkey.keysets.invoices.template=ED25519",
            "latchkey.keysets.letters.template=DHKEM_X25519_HKDF_SHA256_HKDF_SHA256_AES_256_GCM")
        .run(arguments);
  }

  @Configuration(proxyBeanMethods = false)
  @EnableAutoConfiguration
  static class Application {}
}
