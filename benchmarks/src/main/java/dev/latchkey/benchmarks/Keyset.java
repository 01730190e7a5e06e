package dev.latchkey.benchmarks;

import com.google.crypto.tink.Aead;
import com.google.crypto.tink.KeysetHandle;
import com.google.crypto.tink.RegistryConfiguration;
import com.google.crypto.tink.aead.AeadConfig;
import com.google.crypto.tink.aead.PredefinedAeadParameters;
import dev.latchkey.key.rotation.KeyAction;
import dev.latchkey.key.rotation.internal.RotationService;
import java.security.GeneralSecurityException;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;

/** The keyset of an application: the injected bean in a context that refreshes keysets. */
final class Keyset implements AutoCloseable {

  private final ConfigurableApplicationContext context =
      new SpringApplicationBuilder(Application.class)
          .web(WebApplicationType.NONE)
          .run(
              "--latchkey.store.type=memory",
              "--latchkey.keysets.orders.template=AES256_GCM",
              "--spring.main.banner-mode=off",
              "--logging.level.root=warn");

  Aead injected() {
    return context.getBean("ordersAead", Aead.class);
  }

  void rotate() {
    context
        .getBean(RotationService.class)
        .find("orders")
        .orElseThrow()
        .perform(KeyAction.ROTATE, null, true);
  }

  /** Returns a Tink primitive of a keyset with two keys, like ours: active key and spare. */
  static Aead ofTink() throws GeneralSecurityException {
    AeadConfig.register();
    return KeysetHandle.newBuilder()
        .addEntry(
            KeysetHandle.generateEntryFromParameters(PredefinedAeadParameters.AES256_GCM)
                .withRandomId()
                .makePrimary())
        .addEntry(
            KeysetHandle.generateEntryFromParameters(PredefinedAeadParameters.AES256_GCM)
                .withRandomId())
        .build()
        .getPrimitive(RegistryConfiguration.get(), Aead.class);
  }

  @Override
  public void close() {
    context.close();
  }

  @Configuration(proxyBeanMethods = false)
  @EnableAutoConfiguration
  static class Application {}
}
