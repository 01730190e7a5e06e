package dev.latchkey.file;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.google.crypto.tink.Aead;
import com.google.crypto.tink.InsecureSecretKeyAccess;
import com.google.crypto.tink.KeysetHandle;
import com.google.crypto.tink.RegistryConfiguration;
import com.google.crypto.tink.TinkJsonProtoKeysetFormat;
import com.google.crypto.tink.TinkProtoKeysetFormat;
import com.google.crypto.tink.aead.AeadConfig;
import com.google.crypto.tink.aead.PredefinedAeadParameters;
import dev.latchkey.LatchkeyException;
import dev.latchkey.autoconfigure.key.KeysetAutoConfiguration;
import dev.latchkey.key.KeyState;
import dev.latchkey.key.KeysetId;
import dev.latchkey.key.live.internal.KeysetRegistry;
import dev.latchkey.key.rotation.KeyAction;
import dev.latchkey.key.rotation.internal.RotationService;
import dev.latchkey.key.rotation.internal.Rotator;
import dev.latchkey.store.Backend;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ApplicationContext;

/** Applications that move in with keys that they had before. */
@ExtendWith(OutputCaptureExtension.class)
class ImportTests {

  private static final byte[] PLAINTEXT = {1, 2, 3};
  private static final byte[] NO_DATA = {};
  private static final String PROPERTY = "latchkey.keysets.orders.import-from";

  private final ApplicationContextRunner runner =
      new ApplicationContextRunner()
          .withConfiguration(AutoConfigurations.of(KeysetAutoConfiguration.class))
          .withPropertyValues(
              "spring.application.name=shop", "latchkey.keysets.orders.template=AES256_GCM");

  private final KeysetHandle old = newKeyset();
  private Path directory = Path.of("");
  private Path file = Path.of("");

  @BeforeEach
  void prepare(@TempDir Path temporary) throws IOException {
    directory = temporary.toRealPath();
    file = write("keyset.json", "rw-------", json(old));
  }

  @Test
  void decryptsOldDataWhenAKeysetIsImported() throws Exception {
    byte[] ciphertext = aead(old).encrypt(PLAINTEXT, NO_DATA);

    inMemory(PROPERTY + "=file:" + file)
        .run(context -> assertThat(decrypt(context, ciphertext)).isEqualTo(PLAINTEXT));
  }

  @Test
  void ignoresTheImportWhenTheKeysetExists(CapturedOutput output) throws Exception {
    byte[] ciphertext = aead(old).encrypt(PLAINTEXT, NO_DATA);
    ApplicationContextRunner stored = inStore("store", PROPERTY + "=file:" + file);
    stored.run(
        context -> {
          assertThat(decrypt(context, ciphertext)).isEqualTo(PLAINTEXT);
          rotator(context).perform(KeyAction.ROTATE, null, false);
        });
    assertThat(output)
        .contains("Keyset orders starts with the keys of file:" + file)
        .contains(
            "The keys of keyset orders are still in cleartext at file:%1$s. Delete it: shred -u '%1$s'"
                .formatted(file));

    stored.run(
        context -> {
          assertThat(decrypt(context, ciphertext)).isEqualTo(PLAINTEXT);
          assertThat(rotator(context).status().metadata().keys()).hasSize(3);
        });
    assertThat(output)
        .contains(
            "Keyset orders already exists and holds the keys of file:%s: ignoring %s; remove it"
                .formatted(file, PROPERTY));

    Files.delete(file);
    stored.run(context -> assertThat(context).hasNotFailed());
    assertThat(output.getOut().split("are still in cleartext", -1)).hasSize(3); // twice
    assertThat(output).doesNotContain("nothing was imported", "could not check");
  }

  @Test
  void warnsAgainstDeletionWhenTheKeysetLacksTheKeys(CapturedOutput output) {
    inStore("store").run(context -> assertThat(context).hasNotFailed());

    inStore("store", PROPERTY + "=file:" + file).run(context -> assertThat(context).hasNotFailed());

    assertThat(output)
        .contains(notImported(file))
        .doesNotContain("are still in cleartext", "shred", "starts with the keys");
  }

  @Test
  void warnsAgainstDeletionWhenAnotherInstanceWasFaster(CapturedOutput output) throws Exception {
    Aead kms = aead(newKeyset());
    Aead slow =
        new Aead() {
          @Override
          public byte[] encrypt(byte[] plaintext, byte[] data) {
            throw new UnsupportedOperationException();
          }

          @Override
          public byte[] decrypt(byte[] ciphertext, byte[] data) throws GeneralSecurityException {
            inStore("store").run(context -> assertThat(context).hasNotFailed());
            return kms.decrypt(ciphertext, data);
          }
        };
    Path encrypted =
        write(
            "keyset.bin",
            "rw-------",
            TinkProtoKeysetFormat.serializeEncryptedKeyset(old, kms, NO_DATA));

    inStore("store", PROPERTY + "=file:" + encrypted, "latchkey.keysets.orders.import-key=kms")
        .withBean("kms", Aead.class, () -> slow)
        .run(context -> assertThat(context).hasNotFailed());

    assertThat(output).contains(notImported(encrypted)).doesNotContain("starts with the keys");
  }

  private String notImported(Path from) {
    return "Keyset orders exists and does NOT hold key(s) %s of file:%2$s: nothing was imported. Keep file:%2$s. Data encrypted with these keys needs them: import them into a keyset with another name, and remove %3$s"
        .formatted(Integer.toUnsignedString(old.getAt(0).getId()), from, PROPERTY);
  }

  @Test
  void warnsAgainstDeletionWhenTheKeysCannotBeCompared(CapturedOutput output) throws IOException {
    inStore("store").run(context -> assertThat(context).hasNotFailed());
    Files.writeString(file, "no keyset");

    inStore("store", PROPERTY + "=file:" + file).run(context -> assertThat(context).hasNotFailed());

    assertThat(output)
        .contains(
            "Keyset orders already exists; could not check whether it holds the keys of file:%1$s: file:%1$s is not a Tink keyset. Keep file:%1$s until"
                .formatted(file))
        .doesNotContain("are still in cleartext");
  }

  @Test
  void warnsAgainstDeletionWhenTheKeysetLacksTheKeysOfAStore(CapturedOutput output) {
    Backend shared = memory();
    ApplicationContextRunner existing =
        inMemory("latchkey.store.file.key=" + directory.resolve("old.key"))
            .withBean(Backend.class, () -> shared, bean -> bean.setDestroyMethodName(""));
    inStore("old").run(context -> assertThat(context).hasNotFailed());
    existing.run(context -> assertThat(context).hasNotFailed());

    existing
        .withPropertyValues(PROPERTY + "=file-store:" + directory.resolve("old"))
        .run(context -> assertThat(context).hasNotFailed());

    assertThat(output)
        .containsPattern(
            "Keyset orders exists and does NOT hold key\\(s\\) \\d+, \\d+ of file-store:")
        .contains("needs that store and its key file");
  }

  @Test
  void decryptsTheImportWhenABeanIsItsKey(CapturedOutput output) throws Exception {
    byte[] ciphertext = aead(old).encrypt(PLAINTEXT, NO_DATA);
    Aead kms = aead(newKeyset());
    byte[] data = "orders".getBytes(UTF_8);
    Path encrypted =
        write(
            "keyset.bin",
            "rw-r--r--",
            TinkProtoKeysetFormat.serializeEncryptedKeyset(old, kms, data));

    inMemory(
            PROPERTY + "=file:" + encrypted,
            "latchkey.keysets.orders.import-key=kms",
            "latchkey.keysets.orders.import-associated-data=orders")
        .withBean("kms", Aead.class, () -> kms)
        .run(context -> assertThat(decrypt(context, ciphertext)).isEqualTo(PLAINTEXT));
    assertThat(output).doesNotContain("cleartext");
  }

  @Test
  void keepsAllKeysInTheirStatesWhenAStoreIsImported(CapturedOutput output) throws Exception {
    byte[][] made = new byte[3][];
    Object[] before = new Object[1];
    inStore("old")
        .run(
            context -> {
              Rotator rotator = rotator(context);
              for (int i = 0; i < made.length; i++) {
                made[i] = encrypt(context);
                rotator.perform(KeyAction.ROTATE, null, false);
              }
              long second = rotator.status().metadata().keys().get(1).id();
              rotator.perform(KeyAction.DISABLE, second, false);
              before[0] = states(rotator);
            });

    inMemory(
            PROPERTY + "=file-store:" + directory.resolve("old"),
            "latchkey.store.file.key=" + directory.resolve("old.key"))
        .run(
            context -> {
              assertThat(states(rotator(context))).isEqualTo(before[0]);
              assertThat(decrypt(context, made[0])).isEqualTo(PLAINTEXT);
              assertThat(decrypt(context, made[2])).isEqualTo(PLAINTEXT);
              assertThatExceptionOfType(GeneralSecurityException.class)
                  .isThrownBy(() -> decrypt(context, made[1]));
              rotator(context).perform(KeyAction.ENABLE, disabled(rotator(context)), false);
              assertThat(decrypt(context, made[1])).isEqualTo(PLAINTEXT);
              byte[] after = encrypt(context);
              rotator(context).perform(KeyAction.ROTATE, null, false);
              assertThat(decrypt(context, after)).isEqualTo(PLAINTEXT);
            });
    assertThat(output)
        .contains("Keyset orders starts with the keys of file-store:" + directory.resolve("old"))
        .doesNotContain("cleartext");
  }

  @Test
  void importsTheKeysetWhenItsOwnerHadNoName() {
    byte[][] made = new byte[1][];
    inStore("old", "spring.application.name=").run(context -> made[0] = encrypt(context));

    inMemory(
            PROPERTY + "=file-store:" + directory.resolve("old"),
            "latchkey.store.file.key=" + directory.resolve("old.key"))
        .run(context -> assertThat(decrypt(context, made[0])).isEqualTo(PLAINTEXT));
  }

  @Test
  void failsWhenThereIsNoStoreToImport() {
    assertThat(failure(inMemory(PROPERTY + "=file-store:" + directory.resolve("old"))))
        .hasMessage(PROPERTY + ": There is no embedded store at " + directory.resolve("old"))
        .asString()
        .contains("No keyset was created. Name the directory");
    assertThat(directory.resolve("old")).doesNotExist();
  }

  @Test
  void failsWhenTheStoreDoesNotContainTheKeyset() {
    inStore("old").run(context -> assertThat(context).hasNotFailed());

    assertThat(
            failure(
                inMemory(
                    "latchkey.keysets.receipts.template=AES256_GCM",
                    "latchkey.keysets.receipts.import-from=file-store:" + directory.resolve("old"),
                    "latchkey.store.file.key=" + directory.resolve("old.key"))))
        .hasMessage(
            "latchkey.keysets.receipts.import-from: The embedded store at %s does not contain keyset shop/receipts, nor one of an application without a name"
                .formatted(directory.resolve("old")));
  }

  @Test
  void failsWhenTheStoreHasOtherPrimitives() {
    inStore("old").run(context -> assertThat(context).hasNotFailed());

    assertThat(
            failure(
                inMemory(
                    "latchkey.keysets.orders.template=ED25519",
                    PROPERTY + "=file-store:" + directory.resolve("old"),
                    "latchkey.store.file.key=" + directory.resolve("old.key"))))
        .hasMessageEndingWith(
            "contains keys of template AES256_GCM, which has other primitives than ED25519")
        .asString()
        .endsWith("Set the keyset's template to AES256_GCM.");
  }

  @Test
  void createsNothingWhenAnImportFails() throws IOException {
    Files.writeString(file, "no keyset");
    Backend[] backend = new Backend[1];

    assertThat(
            failure(
                inMemory("latchkey.keysets.first.template=AES256_GCM", PROPERTY + "=file:" + file)
                    .withBean(
                        Backend.class,
                        () -> {
                          backend[0] = memory();
                          return backend[0];
                        })))
        .hasMessage(PROPERTY + ": file:" + file + " is not a Tink keyset");

    assertThat(backend[0].keysets().load(new KeysetId("shop", "first"))).isEmpty();
    assertThat(backend[0].keysets().load(new KeysetId("shop", "orders"))).isEmpty();
  }

  private static Backend memory() {
    Backend[] backend = new Backend[1];
    new ApplicationContextRunner()
        .withConfiguration(AutoConfigurations.of(KeysetAutoConfiguration.class))
        .withPropertyValues("latchkey.store.type=memory")
        .run(context -> backend[0] = context.getBean(Backend.class));
    return backend[0];
  }

  @Test
  void failsWhenTheFileDoesNotExist() {
    assertThat(failure(inMemory(PROPERTY + "=file:" + directory.resolve("none"))))
        .hasMessage(PROPERTY + ": file:%s does not exist".formatted(directory.resolve("none")))
        .asString()
        .contains("Put the keyset there");
    assertThat(failure(inMemory(PROPERTY + "=classpath:none.json")))
        .hasMessage(PROPERTY + ": classpath:none.json does not exist");
  }

  @ParameterizedTest
  @ValueSource(strings = {"rw-rw----", "rw----r--", "rw-----w-"})
  void failsWhenOthersCanReadACleartextKeyset(String mode) throws IOException {
    Path open = write("open.json", mode, json(old));

    assertThat(failure(inMemory(PROPERTY + "=file:" + open)))
        .hasMessage(
            "%s: %s contains a cleartext keyset and is accessible to other users (mode %s)"
                .formatted(PROPERTY, open, mode))
        .asString()
        .contains("chmod 600 " + open);
  }

  @Test
  void importsAFileWhenItsGroupMayReadIt() throws IOException {
    inMemory(PROPERTY + "=file:" + write("mounted.json", "r--r-----", json(old)))
        .run(context -> assertThat(context).hasNotFailed());
  }

  @Test
  void failsWhenTheFileIsTooLarge() throws IOException {
    Path large = write("large.json", "rw-------", new byte[(1 << 20) + 1]);

    assertThat(failure(inMemory(PROPERTY + "=file:" + large)))
        .hasMessage(PROPERTY + ": file:" + large + " is larger than any Tink keyset (1 MiB)");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "canary-0YCMvAzLq3P8",
        "{\"primaryKeyId\":\"canary-0YCMvAzLq3P8\"}",
        "base64:canary-0YCMvAzLq3P8",
        "https://canary-0YCMvAzLq3P8",
        "file:"
      })
  void failsWithoutShowingTheValueWhenTheSourceIsInvalid(String value) {
    assertThat(failure(inMemory(PROPERTY + "=" + value)))
        .hasMessage(
            "Invalid %s: expected 'file:', 'classpath:' or 'file-store:' and a path"
                .formatted(PROPERTY))
        .asString()
        .contains("Never set the property to a keyset itself")
        .doesNotContain("canary");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "nobody",
        "transit:",
        "orders-application-properties-canary-0YCMvAzLq3P8aaaaaaaa",
        "/canary-0YCMvAzLq3P8+"
      })
  void failsWithoutShowingTheValueWhenTheKeyIsInvalid(String key) throws Exception {
    Path encrypted =
        write(
            "keyset.bin",
            "rw-------",
            TinkProtoKeysetFormat.serializeEncryptedKeyset(old, aead(newKeyset()), NO_DATA));

    assertThat(
            failure(
                inMemory(
                    PROPERTY + "=file:" + encrypted, "latchkey.keysets.orders.import-key=" + key)))
        .hasMessage(
            PROPERTY
                + ": Invalid latchkey.keysets.orders.import-key: neither a Transit key nor a bean of"
                + " type Aead")
        .asString()
        .contains("Never set it to a key itself")
        .doesNotContain("canary");
  }

  @Test
  void failsWhenATransitKeyIsNamedButThereIsNoServer() {
    assertThat(
            failure(
                inMemory(
                    PROPERTY + "=file:" + file, "latchkey.keysets.orders.import-key=transit:old")))
        .hasMessage(
            PROPERTY
                + ": latchkey.keysets.orders.import-key names a Transit key, but the store is not on a"
                + " Vault server");
  }

  @ParameterizedTest
  @ValueSource(strings = {"import-key", "import-associated-data"})
  void failsWhenAKeyIsSetButNoSource(String property) {
    assertThat(failure(inMemory("latchkey.keysets.orders." + property + "=x")))
        .hasMessage(
            "latchkey.keysets.orders.%s is set, but latchkey.keysets.orders.import-from is not"
                .formatted(property));
  }

  @Test
  void failsWhenAKeyIsSetForAStore() {
    assertThat(
            failure(
                inMemory(
                    PROPERTY + "=file-store:old",
                    "latchkey.keysets.orders.import-key=transit:old")))
        .hasMessage(
            "latchkey.keysets.orders.import-key is set, but an embedded store is opened with its"
                + " own key");
  }

  @Test
  void failsWhenAnotherApplicationOwnsTheKeyset() {
    assertThat(
            failure(
                inMemory(
                    PROPERTY + "=file:" + file,
                    "latchkey.keysets.orders.owner=billing",
                    "latchkey.keysets.orders.access=read")))
        .hasMessage(
            "latchkey.keysets.orders.import-from is set, but latchkey.keysets.orders.access is"
                + " 'read'");
  }

  private ApplicationContextRunner inMemory(String... properties) {
    return runner.withPropertyValues("latchkey.store.type=memory").withPropertyValues(properties);
  }

  private ApplicationContextRunner inStore(String name, String... properties) {
    return runner
        .withPropertyValues(
            "latchkey.store.type=file",
            "latchkey.store.file.directory=" + directory.resolve(name),
            "latchkey.store.file.key=" + directory.resolve(name + ".key"))
        .withPropertyValues(properties);
  }

  private Path write(String name, String mode, byte[] content) throws IOException {
    Path written = Files.write(directory.resolve(name), content);
    return Files.setPosixFilePermissions(written, PosixFilePermissions.fromString(mode));
  }

  private static LatchkeyException failure(ApplicationContextRunner application) {
    LatchkeyException[] failure = new LatchkeyException[1];
    application.run(
        context -> {
          @Nullable Throwable cause = context.getStartupFailure();
          while (cause != null && !(cause instanceof LatchkeyException)) {
            cause = cause.getCause();
          }
          assertThat(cause).isNotNull();
          failure[0] = (LatchkeyException) cause;
        });
    return failure[0];
  }

  private static Rotator rotator(ApplicationContext context) {
    return context.getBean(RotationService.class).find("orders").orElseThrow();
  }

  private static List<String> states(Rotator rotator) {
    return rotator.status().metadata().keys().stream()
        .map(key -> key.id() + " " + key.state())
        .toList();
  }

  private static long disabled(Rotator rotator) {
    return rotator.status().metadata().keys().stream()
        .filter(key -> key.state() == KeyState.DISABLED)
        .findFirst()
        .orElseThrow()
        .id();
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

  private static KeysetHandle newKeyset() {
    try {
      AeadConfig.register();
      return KeysetHandle.generateNew(PredefinedAeadParameters.AES256_GCM);
    } catch (GeneralSecurityException ex) {
      throw new IllegalStateException(ex);
    }
  }

  private static byte[] json(KeysetHandle keyset) {
    try {
      return TinkJsonProtoKeysetFormat.serializeKeyset(keyset, InsecureSecretKeyAccess.get())
          .getBytes(UTF_8);
    } catch (GeneralSecurityException ex) {
      throw new IllegalStateException(ex);
    }
  }
}
