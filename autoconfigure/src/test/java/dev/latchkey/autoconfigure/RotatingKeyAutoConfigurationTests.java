package dev.latchkey.autoconfigure;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.crypto.tink.Aead;
import com.google.crypto.tink.Mac;
import com.google.crypto.tink.PublicKeySign;
import com.google.crypto.tink.PublicKeyVerify;
import com.google.crypto.tink.mac.ChunkedMac;
import dev.latchkey.LatchkeyException;
import dev.latchkey.annotation.RotatingKey;
import dev.latchkey.autoconfigure.key.KeysetAutoConfiguration;
import dev.latchkey.key.PrimitiveFamily;
import dev.latchkey.key.live.internal.KeysetRegistry;
import dev.latchkey.store.Backend;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.context.runner.ReactiveWebApplicationContextRunner;
import org.springframework.boot.test.context.runner.WebApplicationContextRunner;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

class RotatingKeyAutoConfigurationTests {

  private static final AutoConfigurations AUTO_CONFIGURATIONS =
      AutoConfigurations.of(KeysetAutoConfiguration.class, RotatingKeyAutoConfiguration.class);

  private static final String[] PROPERTIES = {
    "latchkey.store.type=memory",
    "latchkey.keysets.orders.template=AES256_GCM",
    "latchkey.keysets.order-data.template=HMAC_SHA256_256BITTAG",
    "latchkey.keysets.invoices.template=ED25519",
  };

  private final ApplicationContextRunner runner =
      new ApplicationContextRunner()
          .withConfiguration(AUTO_CONFIGURATIONS)
          .withPropertyValues(PROPERTIES);

  @Test
  void injectsFieldsAndParametersWhenAnnotated() {
    runner
        .withUserConfiguration(OrderService.class, FieldService.class)
        .run(RotatingKeyAutoConfigurationTests::assertInjected);
  }

  @Test
  void injectsKeysWhenTheApplicationIsAServletApplication() {
    new WebApplicationContextRunner()
        .withConfiguration(AUTO_CONFIGURATIONS)
        .withPropertyValues(PROPERTIES)
        .withUserConfiguration(OrderService.class, FieldService.class)
        .run(RotatingKeyAutoConfigurationTests::assertInjected);
  }

  @Test
  void injectsKeysWhenTheApplicationIsReactive() {
    new ReactiveWebApplicationContextRunner()
        .withConfiguration(AUTO_CONFIGURATIONS)
        .withPropertyValues(PROPERTIES)
        .withUserConfiguration(OrderService.class, FieldService.class)
        .run(RotatingKeyAutoConfigurationTests::assertInjected);
  }

  private static void assertInjected(ApplicationContext context) throws Exception {
    OrderService orders = context.getBean(OrderService.class);
    FieldService fields = context.getBean(FieldService.class);
    byte[] ciphertext = orders.aead.encrypt("data".getBytes(UTF_8), new byte[0]);
    assertThat(fields.aead.decrypt(ciphertext, new byte[0])).asString().isEqualTo("data");
    fields.verifier.verify(fields.signer.sign(ciphertext), ciphertext);
    assertThat(fields.mac).isSameAs(context.getBean("orderDataMac"));
  }

  @Test
  void registersOneBeanPerPrimitiveWhenAKeysetIsConfigured() {
    runner.run(
        context -> {
          assertThat(context.getType("ordersAead")).isAssignableTo(Aead.class);
          assertThat(context.getBeanNamesForType(Aead.class)).containsExactly("ordersAead");
          assertThat(context.getBeanNamesForType(Mac.class)).containsExactly("orderDataMac");
          assertThat(context.getBeanNamesForType(ChunkedMac.class))
              .containsExactly("orderDataChunkedMac");
          assertThat(context.getBeanNamesForType(PublicKeySign.class))
              .containsExactly("invoicesPublicKeySign");
          assertThat(context.getBeanNamesForType(PublicKeyVerify.class))
              .containsExactly("invoicesPublicKeyVerify");
        });
  }

  @Test
  void registersEveryPrimitiveWhenAFamilyProvidesIt() {
    ApplicationContextRunner all =
        new ApplicationContextRunner()
            .withConfiguration(AUTO_CONFIGURATIONS)
            .withPropertyValues("latchkey.store.type=memory")
            .withPropertyValues(
                Arrays.stream(PrimitiveFamily.values())
                    .map(
                        family ->
                            "latchkey.keysets.k%d.template=%s"
                                .formatted(family.ordinal(), family.example()))
                    .toArray(String[]::new));
    all.run(
        context -> {
          for (PrimitiveFamily family : PrimitiveFamily.values()) {
            for (Class<?> type : family.interfaces()) {
              String keyset = "k" + family.ordinal();
              assertThat(context.getBean(keyset + type.getSimpleName(), type))
                  .isSameAs(context.getBean(KeysetRegistry.class).primitive(keyset, type));
            }
          }
        });
  }

  @Test
  void registersOnlyPublicPrimitivesWhenAccessIsPublic() {
    new ApplicationContextRunner()
        .withConfiguration(AUTO_CONFIGURATIONS)
        .withPropertyValues(
            "latchkey.store.type=memory",
            "latchkey.keysets.invoices.template=ED25519",
            "latchkey.keysets.invoices.owner=billing",
            "latchkey.keysets.invoices.access=public",
            "latchkey.keysets.letters.template=" + PrimitiveFamily.HYBRID.example(),
            "latchkey.keysets.letters.owner=billing",
            "latchkey.keysets.letters.access=public",
            "latchkey.keysets.tokens.template=JWT_ES256",
            "latchkey.keysets.tokens.owner=billing",
            "latchkey.keysets.tokens.access=public")
        .withBean(Backend.class, () -> billing())
        .run(
            context ->
                assertThat(context.getBeanNamesForType(Object.class))
                    .filteredOn(name -> name.matches("(invoices|letters|tokens).*"))
                    .containsExactlyInAnyOrder(
                        "invoicesPublicKeyVerify",
                        "lettersHybridEncrypt",
                        "tokensJwtPublicKeyVerify"));
  }

  /** A store in which another application has made its keysets. */
  private static Backend billing() {
    Backend[] backend = new Backend[1];
    new ApplicationContextRunner()
        .withConfiguration(AUTO_CONFIGURATIONS)
        .withPropertyValues(
            "latchkey.store.type=memory",
            "spring.application.name=billing",
            "latchkey.keysets.invoices.template=ED25519",
            "latchkey.keysets.letters.template=" + PrimitiveFamily.HYBRID.example(),
            "latchkey.keysets.tokens.template=JWT_ES256")
        .run(context -> backend[0] = context.getBean(Backend.class));
    return backend[0];
  }

  @Test
  void findsABeanWhenItsKeysetIsTheQualifier() {
    runner
        .withUserConfiguration(Qualified.class)
        .run(
            context -> {
              Qualified bean = context.getBean(Qualified.class);
              assertThat(bean.qualified).isSameAs(context.getBean("ordersAead"));
              assertThat(bean.provider.getObject()).isSameAs(bean.qualified);
              assertThat(bean.optional).containsSame(bean.qualified);
            });
  }

  @Test
  void injectsNothingWhenAnOptionalKeysetIsNotConfigured() {
    runner
        .withUserConfiguration(Absent.class)
        .run(
            context -> {
              Absent bean = context.getBean(Absent.class);
              assertThat(bean.provider.getIfAvailable()).isNull();
              assertThat(bean.optional).isEmpty();
              assertThat(bean.nullable).isNull();
            });
  }

  @Test
  void isNoCandidateWhenNoKeysetIsNamed() {
    runner
        .withBean("plain", Aead.class, FakeAead::new)
        .withUserConfiguration(Unqualified.class)
        .run(
            context -> {
              Unqualified bean = context.getBean(Unqualified.class);
              assertThat(bean.aead).isInstanceOf(FakeAead.class);
              assertThat(bean.all).containsOnlyKeys("plain");
            });
  }

  @Test
  void backsOffWhenABeanOfTheNameExists() {
    runner
        .withUserConfiguration(Replacement.class, OrderService.class)
        .run(
            context -> {
              assertThat(context.getBean("ordersAead")).isInstanceOf(FakeAead.class);
              assertThat(context.getBean(OrderService.class).aead).isInstanceOf(FakeAead.class);
            });
  }

  @Test
  void makesNoBeansWhenDisabled() {
    runner
        .withPropertyValues("latchkey.enabled=false")
        .run(context -> assertThat(context).doesNotHaveBean(Aead.class));
  }

  @Test
  void failsWithTheFixWhenARecordComponentIsAnnotated() {
    runner
        .withUserConfiguration(OrderRecord.class)
        .run(
            context ->
                assertThat(context)
                    .getFailure()
                    .rootCause()
                    .isInstanceOf(LatchkeyException.class)
                    .hasMessageContaining("component 'aead' of record")
                    .hasMessageContaining(OrderRecord.class.getName())
                    .extracting(ex -> ((LatchkeyException) ex).action())
                    .asString()
                    .contains("@Qualifier(\"orders\")"));
  }

  @Test
  void injectsARecordWhenItUsesQualifier() {
    runner
        .withUserConfiguration(QualifiedRecord.class)
        .run(
            context ->
                assertThat(context.getBean(QualifiedRecord.class).aead)
                    .isSameAs(context.getBean("ordersAead")));
  }

  record OrderRecord(@RotatingKey("orders") Aead aead) {}

  record QualifiedRecord(@Qualifier("orders") Aead aead) {}

  static class OrderService {

    final Aead aead;

    OrderService(@RotatingKey("orders") Aead aead) {
      this.aead = aead;
    }
  }

  @SuppressWarnings("NullAway.Init")
  static class FieldService {

    @RotatingKey("orders")
    Aead aead;

    @RotatingKey("order-data")
    Mac mac;

    @RotatingKey("invoices")
    PublicKeySign signer;

    @RotatingKey("invoices")
    PublicKeyVerify verifier;
  }

  @SuppressWarnings("NullAway.Init")
  static class Qualified {

    @Autowired
    @Qualifier("orders")
    Aead qualified;

    @RotatingKey("orders")
    ObjectProvider<Aead> provider;

    @RotatingKey("orders")
    Optional<Aead> optional;
  }

  @SuppressWarnings("NullAway.Init")
  static class Absent {

    @RotatingKey("absent")
    ObjectProvider<Aead> provider;

    @RotatingKey("absent")
    Optional<Aead> optional;

    final @Nullable Aead nullable;

    Absent(@RotatingKey("absent") @Nullable Aead nullable) {
      this.nullable = nullable;
    }
  }

  @SuppressWarnings("NullAway.Init")
  static class Unqualified {

    @Autowired Aead aead;

    @Autowired Map<String, Aead> all;
  }

  @Configuration(proxyBeanMethods = false)
  static class Replacement {

    @Bean
    Aead ordersAead() {
      return new FakeAead();
    }
  }

  static final class FakeAead implements Aead {

    @Override
    public byte[] encrypt(byte[] plaintext, byte[] associatedData) {
      return plaintext;
    }

    @Override
    public byte[] decrypt(byte[] ciphertext, byte[] associatedData) {
      return ciphertext;
    }
  }
}
