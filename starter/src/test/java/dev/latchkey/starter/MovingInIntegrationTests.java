package dev.latchkey.starter;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.google.crypto.tink.Aead;
import com.google.crypto.tink.KeysetHandle;
import com.google.crypto.tink.RegistryConfiguration;
import com.google.crypto.tink.TinkJsonProtoKeysetFormat;
import com.google.crypto.tink.aead.AeadConfig;
import com.google.crypto.tink.aead.PredefinedAeadParameters;
import dev.latchkey.LatchkeyException;
import dev.latchkey.autoconfigure.key.KeysetAutoConfiguration;
import dev.latchkey.key.KeyMetadata;
import dev.latchkey.key.KeysetId;
import dev.latchkey.key.live.internal.KeysetRegistry;
import dev.latchkey.key.rotation.KeyAction;
import dev.latchkey.key.rotation.RotationRefusedException;
import dev.latchkey.key.rotation.internal.RotationService;
import dev.latchkey.key.rotation.internal.Rotator;
import dev.latchkey.test.BaoServer;
import dev.latchkey.vault.internal.policy.Policies;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationContext;

/** Applications that bring keys along to a real server. */
final class MovingInIntegrationTests {

  private static final byte[] PLAINTEXT = {1, 2, 3};
  private static final byte[] NO_DATA = {};

  private final BaoServer server = BaoServer.shared();
  private final String mount = server.mountKv(2);
  private final String transit = server.mountTransit();

  @Test
  void importsAKeysetThatATransitKeyEncrypted(@TempDir Path directory) throws Exception {
    KeysetHandle old = newKeyset();
    byte[] ciphertext = aead(old).encrypt(PLAINTEXT, NO_DATA);
    server.post(transit + "/keys/old", Map.of());
    Path file =
        Files.writeString(
            directory.resolve("keyset.json"),
            TinkJsonProtoKeysetFormat.serializeEncryptedKeyset(old, transitKey(), NO_DATA));
    String policy =
        new Policies(
                mount,
                "latchkey",
                transit,
                List.of(Policies.Keyset.own(new KeysetId("shop", "orders"), false, true)),
                List.of())
            .application();
    String[] properties = {
      "latchkey.keysets.orders.import-from=file:" + file,
      "latchkey.keysets.orders.import-key=transit:old"
    };

    application(server.token(server.policy(policy)), properties)
        .run(
            context ->
                assertThat(failure(context.getStartupFailure()))
                    .hasMessageContaining("latchkey.keysets.orders.import-from")
                    .asString()
                    .contains(
                        "path \"%s/decrypt/old\" { capabilities = [\"update\"]"
                            .formatted(transit)));
    assertThat(isThere("orders")).isFalse();

    String more = "path \"%s/decrypt/old\" { capabilities = [\"update\"] }\n".formatted(transit);
    String token = server.token(server.policy(policy + more));
    for (int start = 0; start < 2; start++) {
      application(token, properties)
          .run(context -> assertThat(decrypt(context, ciphertext)).isEqualTo(PLAINTEXT));
      Files.deleteIfExists(file);
    }
  }

  @Test
  void importsOnceWhereTenInstancesStartAtOnce(@TempDir Path directory) throws Exception {
    KeysetHandle old = newKeyset();
    byte[] ciphertext = aead(old).encrypt(PLAINTEXT, NO_DATA);
    Aead kms = aead(newKeyset());
    Path file =
        Files.writeString(
            directory.resolve("keyset.json"),
            TinkJsonProtoKeysetFormat.serializeEncryptedKeyset(old, kms, NO_DATA));
    ExecutorService executor = Executors.newFixedThreadPool(10);
    try {
      List<Future<List<Long>>> instances = new ArrayList<>();
      for (int i = 0; i < 10; i++) {
        instances.add(
            executor.submit(
                () -> {
                  List<Long> ids = new ArrayList<>();
                  application(
                          server.rootToken(),
                          "latchkey.keysets.orders.import-from=file:" + file,
                          "latchkey.keysets.orders.import-key=kms")
                      .withBean("kms", Aead.class, () -> kms)
                      .run(
                          context -> {
                            assertThat(decrypt(context, ciphertext)).isEqualTo(PLAINTEXT);
                            ids.addAll(ids(context));
                          });
                  return ids;
                }));
      }
      List<Long> first = instances.get(0).get();
      assertThat(first).hasSize(2);
      for (Future<List<Long>> instance : instances) {
        assertThat(instance.get()).isEqualTo(first);
      }
    } finally {
      executor.shutdownNow();
    }
  }

  @Test
  void importsNothingInThePlaceOfADeletedKeyset(@TempDir Path directory) throws Exception {
    application(server.rootToken()).run(context -> assertThat(context).hasNotFailed());
    server.delete(mount + "/data/latchkey/shop/orders");

    application(
            server.rootToken(),
            "latchkey.keysets.orders.import-from=file:" + directory.resolve("none"))
        .run(
            context ->
                assertThat(failure(context.getStartupFailure()).toString())
                    .contains("undelete")
                    .doesNotContain("import-from"));
  }

  @Test
  void movesFromTheEmbeddedStoreAndDecryptsEverythingFromBefore(@TempDir Path temporary)
      throws Exception {
    Path directory = temporary.toRealPath();
    String key = "latchkey.store.file.key=" + directory.resolve("store.key");
    List<byte[]> made = new ArrayList<>();
    List<Long> before = new ArrayList<>();
    new ApplicationContextRunner()
        .withConfiguration(AutoConfigurations.of(KeysetAutoConfiguration.class))
        .withPropertyValues(
            "spring.application.name=shop",
            "latchkey.store.type=file",
            "latchkey.store.file.directory=" + directory.resolve("store"),
            key,
            "latchkey.keysets.orders.template=AES256_GCM")
        .run(
            context -> {
              for (int i = 0; i < 5; i++) {
                made.add(encrypt(context));
                rotator(context).perform(KeyAction.ROTATE, null, false);
              }
              made.add(encrypt(context));
              long compromised = ids(context).get(2);
              rotator(context).perform(KeyAction.COMPROMISE, compromised, false);
              before.addAll(ids(context));
            });
    ApplicationContextRunner moved =
        application(
            server.rootToken(),
            key,
            "latchkey.keysets.orders.import-from=file-store:" + directory.resolve("store"));

    moved.run(
        context -> {
          assertThat(ids(context)).isEqualTo(before);
          for (byte[] ciphertext : made) {
            assertThat(decrypt(context, ciphertext)).isEqualTo(PLAINTEXT);
          }
          KeyMetadata spare = rotator(context).status().metadata().spare().orElseThrow();
          assertThat(spare.propagation()).isEqualTo(Duration.ofHours(24));
          assertThatExceptionOfType(RotationRefusedException.class)
              .as("nobody who follows the server knew the spare before")
              .isThrownBy(() -> rotator(context).perform(KeyAction.ROTATE, null, false));
          made.add(encrypt(context));
          rotator(context).perform(KeyAction.ROTATE, null, true);
          made.add(encrypt(context));
        });
    moved.run(
        context -> {
          for (byte[] ciphertext : made) {
            assertThat(decrypt(context, ciphertext)).isEqualTo(PLAINTEXT);
          }
          assertThat(ids(context)).hasSize(before.size() + 1);
        });
  }

  private ApplicationContextRunner application(String token, String... properties) {
    return new ApplicationContextRunner()
        .withConfiguration(AutoConfigurations.of(KeysetAutoConfiguration.class))
        .withPropertyValues(
            "spring.application.name=shop",
            "latchkey.vault.uri=" + server.uri(),
            "latchkey.vault.token=" + token,
            "latchkey.store.vault.mount=" + mount,
            "latchkey.store.vault.transit-mount=" + transit,
            "latchkey.keysets.orders.template=AES256_GCM")
        .withPropertyValues(properties);
  }

  private boolean isThere(String keyset) {
    return server
            .exchange(server.rootToken(), "GET", mount + "/data/latchkey/shop/" + keyset, null)
            .statusCode()
        == 200;
  }

  /** As Tink's own integration with the server encrypts keysets. */
  private Aead transitKey() {
    return new Aead() {
      @Override
      public byte[] encrypt(byte[] plaintext, byte[] associatedData) {
        return server
            .post(
                transit + "/encrypt/old",
                Map.of("plaintext", Base64.getEncoder().encodeToString(plaintext)))
            .at("/data/ciphertext")
            .asString()
            .getBytes(US_ASCII);
      }

      @Override
      public byte[] decrypt(byte[] ciphertext, byte[] associatedData) {
        return Base64.getDecoder()
            .decode(
                server
                    .post(
                        transit + "/decrypt/old",
                        Map.of("ciphertext", new String(ciphertext, UTF_8)))
                    .at("/data/plaintext")
                    .asString());
      }
    };
  }

  private static LatchkeyException failure(Throwable failure) {
    Throwable cause = failure;
    while (!(cause instanceof LatchkeyException)) {
      assertThat(cause).isNotNull();
      cause = cause.getCause();
    }
    return (LatchkeyException) cause;
  }

  private static Rotator rotator(ApplicationContext context) {
    return context.getBean(RotationService.class).find("orders").orElseThrow();
  }

  private static List<Long> ids(ApplicationContext context) {
    return rotator(context).status().metadata().keys().stream().map(KeyMetadata::id).toList();
  }

  private static byte[] encrypt(ApplicationContext context) throws GeneralSecurityException {
    return aead(context).encrypt(PLAINTEXT, NO_DATA);
  }

  private static byte[] decrypt(ApplicationContext context, byte[] ciphertext)
      throws GeneralSecurityException {
    return aead(context).decrypt(ciphertext, NO_DATA);
  }

  private static Aead aead(ApplicationContext context) {
    return context.getBean(KeysetRegistry.class).primitive("orders", Aead.class);
  }

  private static Aead aead(KeysetHandle keyset) throws GeneralSecurityException {
    return keyset.getPrimitive(RegistryConfiguration.get(), Aead.class);
  }

  private static KeysetHandle newKeyset() throws GeneralSecurityException {
    AeadConfig.register();
    return KeysetHandle.generateNew(PredefinedAeadParameters.AES256_GCM);
  }
}
