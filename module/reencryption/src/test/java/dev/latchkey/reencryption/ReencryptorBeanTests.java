package dev.latchkey.reencryption;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.google.crypto.tink.Aead;
import dev.latchkey.annotation.RotatingKey;
import dev.latchkey.autoconfigure.RotatingKeyAutoConfiguration;
import dev.latchkey.autoconfigure.key.KeysetAutoConfiguration;
import dev.latchkey.key.KeysetId;
import dev.latchkey.key.PrimitiveFamily;
import dev.latchkey.key.live.Reencryptor;
import dev.latchkey.key.rotation.KeyAction;
import dev.latchkey.key.rotation.KeyReferences;
import dev.latchkey.key.rotation.RotationRefusedException;
import dev.latchkey.key.rotation.internal.RotationService;
import dev.latchkey.key.rotation.internal.Rotator;
import java.util.Arrays;
import java.util.Iterator;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** What renews ciphertexts as a bean, and what counts them as another. */
@ExtendWith(OutputCaptureExtension.class)
class ReencryptorBeanTests {

  private final ApplicationContextRunner runner =
      new ApplicationContextRunner()
          .withConfiguration(
              AutoConfigurations.of(
                  KeysetAutoConfiguration.class, RotatingKeyAutoConfiguration.class))
          .withPropertyValues(
              "latchkey.store.type=memory", "latchkey.keysets.orders.template=AES256_GCM");

  @Test
  void isInjectedWhenItsKeysetIsNamed() {
    runner
        .withUserConfiguration(Service.class)
        .run(
            context -> {
              Service service = context.getBean(Service.class);
              assertThat(service.reencryptor.keyset()).isEqualTo("orders");
              assertThat(context.getBean("ordersReencryptor")).isSameAs(service.reencryptor);
              byte[] ciphertext = service.aead.encrypt(new byte[] {1}, new byte[0]);
              assertThat(service.reencryptor.usesPrimaryKey(ciphertext)).isTrue();
              rotator(context.getBean(RotationService.class))
                  .perform(KeyAction.ROTATE, null, false);
              assertThat(service.reencryptor.usesPrimaryKey(ciphertext)).isFalse();
            });
  }

  @Test
  void isABeanWhenCiphertextsHaveAKeyId() {
    runner
        .withPropertyValues(
            Arrays.stream(PrimitiveFamily.values())
                .map(
                    family ->
                        "latchkey.keysets.k%d.template=%s"
                            .formatted(family.ordinal(), family.example()))
                .toArray(String[]::new))
        .run(
            context -> {
              for (PrimitiveFamily family : PrimitiveFamily.values()) {
                assertThat(context.containsBean("k%dReencryptor".formatted(family.ordinal())))
                    .isEqualTo(family.canReencrypt());
              }
            });
  }

  @Test
  void failsForARawVariantOnlyWhenItIsInjected() {
    runner
        .withPropertyValues("latchkey.keysets.orders.template=AES256_GCM_RAW")
        .run(context -> assertThat(context).hasNotFailed());
    runner
        .withPropertyValues("latchkey.keysets.orders.template=AES256_GCM_RAW")
        .withUserConfiguration(Service.class)
        .run(
            context ->
                assertThat(context)
                    .getFailure()
                    .rootCause()
                    .hasMessageContaining("Ciphertexts of keyset orders carry no key id"));
  }

  @Test
  void explainsTheTemplateWhenItProvidesNoReencryptor(CapturedOutput output) {
    SpringApplication application = new SpringApplication(Failing.class);
    application.setWebApplicationType(WebApplicationType.NONE);
    assertThatExceptionOfType(Exception.class)
        .isThrownBy(
            () ->
                application.run(
                    "--latchkey.store.type=memory", "--latchkey.keysets.orders.template=ED25519"));
    assertThat(output)
        .contains(
            "requires Reencryptor of the keyset 'orders', but its template ED25519 provides only"
                + " PublicKeySign and PublicKeyVerify")
        .contains("For Reencryptor, use another keyset with a template such as AES256_GCM.");
  }

  @Test
  void keepsAKeyWhenABeanCountsReferencesToIt() {
    runner
        .withPropertyValues("latchkey.keysets.receipts.template=AES256_GCM")
        .withUserConfiguration(Counting.class)
        .run(
            context -> {
              Counting counting = context.getBean(Counting.class);
              Rotator orders = rotator(context.getBean(RotationService.class));
              Aead aead = context.getBean("ordersAead", Aead.class);
              counting.shelf.put(1, aead.encrypt(new byte[] {1}, new byte[0]));
              counting.shelf.put(2, aead.encrypt(new byte[] {2}, new byte[0]));
              Reencryption<?> jars = context.getBean(Reencryption.class);
              long old = orders.status().metadata().active().id();
              orders.perform(KeyAction.ROTATE, null, false);

              assertThatExceptionOfType(RotationRefusedException.class)
                  .isThrownBy(() -> orders.perform(KeyAction.SCHEDULE_DESTROY, old, false))
                  .withMessageContaining("2 jars are still encrypted with key " + old);
              assertThat(jars.run().reencrypted()).isEqualTo(2);
              assertThat(orders.perform(KeyAction.SCHEDULE_DESTROY, old, false)).isEmpty();
            });
  }

  @Test
  void keepsAKeyWhenABeanOfTheApplicationCountsReferences() {
    runner
        .withBean(KeyReferences.class, () -> Letters.INSTANCE)
        .run(
            context -> {
              Rotator orders = rotator(context.getBean(RotationService.class));
              long old = orders.status().metadata().active().id();
              orders.perform(KeyAction.ROTATE, null, false);

              assertThatExceptionOfType(RotationRefusedException.class)
                  .isThrownBy(() -> orders.perform(KeyAction.SCHEDULE_DESTROY, old, false))
                  .withMessageContaining("3 letters are still encrypted with key " + old);
            });
  }

  private static Rotator rotator(RotationService rotation) {
    return rotation.find("orders").orElseThrow();
  }

  private enum Letters implements KeyReferences {
    INSTANCE;

    @Override
    public long count(KeysetId keyset, long keyId) {
      return 3;
    }

    @Override
    public String what() {
      return "letters";
    }
  }

  static class Service {

    final Aead aead;
    final Reencryptor reencryptor;

    Service(
        @RotatingKey("orders") Aead aead,
        @RotatingKey("orders") Reencryptor reencryptor,
        @RotatingKey("orders") ObjectProvider<Reencryptor> provider) {
      this.aead = aead;
      this.reencryptor = reencryptor;
      assertThat(provider.getObject()).isSameAs(reencryptor);
    }
  }

  @Configuration(proxyBeanMethods = false)
  @ImportAutoConfiguration({KeysetAutoConfiguration.class, RotatingKeyAutoConfiguration.class})
  static class Failing {

    @Bean
    Object asks(@RotatingKey("orders") Reencryptor reencryptor) {
      return reencryptor;
    }
  }

  @Configuration(proxyBeanMethods = false)
  static class Counting {

    final Map<Integer, byte[]> shelf = new TreeMap<>();

    @Bean
    Reencryption<Integer> jars(@RotatingKey("orders") Reencryptor orders) {
      return Reencryption.of(
          orders,
          Ciphertexts.of(
              "jars",
              position -> ids(),
              id -> new Ciphertext<>(id, shelf.getOrDefault(id, new byte[0]), new byte[0]),
              (id, old, renewed) -> shelf.replace(id, old, renewed)));
    }

    private Iterator<Integer> ids() {
      return shelf.keySet().iterator();
    }
  }
}
