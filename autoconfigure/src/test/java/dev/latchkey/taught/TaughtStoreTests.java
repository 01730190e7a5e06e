package dev.latchkey.taught;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.crypto.tink.Aead;
import dev.latchkey.autoconfigure.RotatingKeyAutoConfiguration;
import dev.latchkey.autoconfigure.key.KeysetAutoConfiguration;
import dev.latchkey.key.document.KeysetStore;
import dev.latchkey.store.StoreProvider;
import dev.latchkey.test.KeysetStoreContract;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

/** An application teaches Latchkey a store of its own, with public types and one registration. */
class TaughtStoreTests {

  @TempDir Path folder;

  @Test
  void keepsKeysetsAcrossRestarts() throws Exception {
    byte[][] ciphertext = new byte[1][];

    application()
        .run(
            context ->
                ciphertext[0] =
                    context.getBean("ordersAead", Aead.class).encrypt(new byte[] {1, 2}, null));

    assertThat(folder.resolve("keysets/shop.orders")).isRegularFile();
    application()
        .run(
            context ->
                assertThat(context.getBean("ordersAead", Aead.class).decrypt(ciphertext[0], null))
                    .containsExactly(1, 2));
  }

  @Test
  void isNamedAmongTheTypesWhenTheConfiguredTypeIsUnknown() throws Exception {
    application()
        .withPropertyValues("latchkey.store.type=fodler")
        .run(
            context ->
                assertThat(context.getStartupFailure())
                    .rootCause()
                    .hasMessageContaining("expected folder or memory"));
  }

  private ApplicationContextRunner application() throws IOException {
    Path registrations = Files.createDirectories(folder.resolve("classes/META-INF"));
    Files.writeString(
        registrations.resolve("spring.factories"),
        "%s=%s%n".formatted(StoreProvider.class.getName(), FolderStoreProvider.class.getName()));
    return new ApplicationContextRunner()
        .withClassLoader(
            new URLClassLoader(
                new URL[] {folder.resolve("classes").toUri().toURL()}, getClass().getClassLoader()))
        .withConfiguration(
            AutoConfigurations.of(
                KeysetAutoConfiguration.class, RotatingKeyAutoConfiguration.class))
        .withPropertyValues(
            "spring.application.name=shop",
            "latchkey.store.type=folder",
            "app.folder=" + folder,
            "latchkey.keysets.orders.template=AES256_GCM");
  }

  @Nested
  class FolderKeysetStoreTests extends KeysetStoreContract {

    private final KeysetStore store;

    FolderKeysetStoreTests(@TempDir Path directory) {
      store = new FolderKeysetStore(directory, Clock.systemUTC());
    }

    @Override
    protected KeysetStore store() {
      return store;
    }
  }
}
