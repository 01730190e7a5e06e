package dev.latchkey.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.crypto.tink.Aead;
import com.google.crypto.tink.PublicKeySign;
import com.google.crypto.tink.PublicKeyVerify;
import dev.latchkey.LatchkeyException;
import dev.latchkey.autoconfigure.key.KeysetAutoConfiguration;
import dev.latchkey.file.internal.Host;
import dev.latchkey.key.live.internal.KeysetRegistry;
import dev.latchkey.key.rotation.internal.RotationService;
import dev.latchkey.store.Backend;
import dev.latchkey.store.StoreContext;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Clock;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationContext;
import org.springframework.mock.env.MockEnvironment;

/** Applications on the embedded store, one after the other and side by side. */
class EmbeddedStoreTests {

  private static final byte[] PLAINTEXT = {1, 2, 3};
  private static final byte[] ASSOCIATED_DATA = {4};

  private Path root;
  private Path store;

  @BeforeEach
  void prepare(@TempDir Path directory) throws IOException {
    root = directory.toRealPath();
    Files.createDirectory(root.resolve("project"));
    store = root.resolve("project/.latchkey/store");
  }

  @Test
  void decryptsOldDataWhenRestarted() {
    byte[][] ciphertext = new byte[1][];
    application("home").run(context -> ciphertext[0] = encrypt(context));

    application("home")
        .run(context -> assertThat(decrypt(context, ciphertext[0])).isEqualTo(PLAINTEXT));
  }

  @Test
  void sharesKeysWhenTwoContextsUseOneStore() {
    application("home")
        .run(
            first ->
                application("home")
                    .run(
                        second ->
                            assertThat(decrypt(second, encrypt(first))).isEqualTo(PLAINTEXT)));
  }

  @Test
  void sharesPublicHalvesWhenTwoContextsUseOneStore() {
    ApplicationContextRunner receipts =
        application("home").withPropertyValues("latchkey.keysets.receipts.template=ED25519");
    receipts
        .withPropertyValues("spring.application.name=shop")
        .run(
            shop ->
                receipts
                    .withPropertyValues(
                        "spring.application.name=auditor",
                        "latchkey.keysets.receipts.owner=shop",
                        "latchkey.keysets.receipts.access=public")
                    .run(
                        auditor -> {
                          byte[] signature =
                              registry(shop)
                                  .primitive("receipts", PublicKeySign.class)
                                  .sign(PLAINTEXT);
                          registry(auditor)
                              .primitive("receipts", PublicKeyVerify.class)
                              .verify(signature, PLAINTEXT);
                        }));
  }

  private static KeysetRegistry registry(ApplicationContext context) {
    return context.getBean(KeysetRegistry.class);
  }

  @Test
  void closesTheStoreWhenTheContextCloses() {
    Backend[] backend = new Backend[1];
    application("home").run(context -> backend[0] = context.getBean(Backend.class));

    assertThatThrownBy(() -> backend[0].secrets().read("secret/a", null))
        .hasMessageContaining("is closed");
  }

  @Test
  void failsWhenTheHomeDirectoryIsAnother() {
    application("home").run(context -> assertThat(context).hasNotFailed());

    application("other-home")
        .run(
            context ->
                assertThat(failure(context.getStartupFailure()))
                    .hasMessageContaining("cannot be opened: its key is not at")
                    .hasMessageContaining("other-home"));
  }

  @ParameterizedTest
  @CsvSource({
    "'',is empty",
    "'{\"keys\": []}',is not an embedded store of Latchkey",
    "'latchkey-store/9 x',has a format that this version of Latchkey does not support"
  })
  void failsWhenTheFileIsNotAStore(String content, String message) throws IOException {
    application("home").run(context -> assertThat(context).hasNotFailed());
    Files.writeString(store, content);

    application("home")
        .run(
            context ->
                assertThat(failure(context.getStartupFailure())).hasMessage(store + " " + message));
    assertThat(store).hasContent(content);
  }

  @Test
  void keepsTheLastGoodStateWhenTheStoreIsDamagedWhileItRuns() {
    application("home")
        .run(
            context -> {
              byte[] ciphertext = encrypt(context);
              Files.writeString(store, "damaged");

              RotationService rotation = context.getBean(RotationService.class);
              rotation.refresh();

              assertThat(decrypt(context, ciphertext)).isEqualTo(PLAINTEXT);
              assertThat(rotation.keysets().get("orders").problem())
                  .contains("is not an embedded store of Latchkey");
              assertThat(store).hasContent("damaged");
            });
  }

  private ApplicationContextRunner application(String home) {
    return new ApplicationContextRunner()
        .withConfiguration(AutoConfigurations.of(KeysetAutoConfiguration.class))
        .withPropertyValues("latchkey.keysets.orders.template=AES256_GCM")
        .withBean(Backend.class, () -> open(home));
  }

  private Backend open(String home) {
    Host host = new Host(Map.of(), root.resolve(home), root.resolve("project"));
    return new FileStoreProvider(host, false)
        .open(new StoreContext(new MockEnvironment(), Clock.systemUTC(), null));
  }

  private static byte[] encrypt(ApplicationContext context) throws GeneralSecurityException {
    return aead(context).encrypt(PLAINTEXT, ASSOCIATED_DATA);
  }

  private static byte[] decrypt(ApplicationContext context, byte[] ciphertext)
      throws GeneralSecurityException {
    return aead(context).decrypt(ciphertext, ASSOCIATED_DATA);
  }

  private static Aead aead(ApplicationContext context) {
    return context.getBean(KeysetRegistry.class).primitive("orders", Aead.class);
  }

  private static @Nullable Throwable failure(@Nullable Throwable startupFailure) {
    Throwable cause = startupFailure;
    while (cause != null && !(cause instanceof LatchkeyException)) {
      cause = cause.getCause();
    }
    return cause;
  }
}
