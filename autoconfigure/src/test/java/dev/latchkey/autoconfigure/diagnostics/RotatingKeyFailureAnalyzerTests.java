package dev.latchkey.autoconfigure.diagnostics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;

import com.google.crypto.tink.Aead;
import com.google.crypto.tink.Mac;
import com.google.crypto.tink.PublicKeySign;
import dev.latchkey.annotation.RotatingKey;
import dev.latchkey.autoconfigure.RotatingKeyAutoConfiguration;
import dev.latchkey.autoconfigure.key.KeysetAutoConfiguration;
import dev.latchkey.secret.RotatingSecret;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

@ExtendWith(OutputCaptureExtension.class)
class RotatingKeyFailureAnalyzerTests {

  private static final String PACKAGE_AND_CLASS = RotatingKeyFailureAnalyzerTests.class.getName();

  @Test
  void suggestsTheNearestKeysetWhenItsNameIsMistyped(CapturedOutput output) {
    assertThat(failureOf(Typo.class, output))
        .isEqualTo(
            """
            Description:

            Parameter 'aead' of the constructor of %s$Typo requires the keyset 'oders', which is not configured

            Action:

            Did you mean 'orders'? If not, add the keyset: latchkey.keysets.oders.template=AES256_GCM
            """
                .formatted(PACKAGE_AND_CLASS));
  }

  @Test
  void suggestsATemplateForTheTypeWhenNoKeysetIsSimilar(CapturedOutput output) {
    assertThat(failureOf(Unknown.class, output))
        .isEqualTo(
            """
            Description:

            Field 'mac' of %s$Unknown requires the keyset 'invoices', which is not configured

            Action:

            Add the keyset: latchkey.keysets.invoices.template=HMAC_SHA256_256BITTAG
            """
                .formatted(PACKAGE_AND_CLASS));
  }

  @Test
  void listsThePrimitivesOfTheTemplateWhenItLacksTheType(CapturedOutput output) {
    assertThat(failureOf(Unsupported.class, output))
        .isEqualTo(
            """
            Description:

            Parameter 'mac' of the method 'use' of %s$Unsupported requires Mac of the keyset 'orders', but its template AES256_GCM provides only Aead

            Action:

            Inject Aead. For Mac, use another keyset with a template such as HMAC_SHA256_256BITTAG.
            """
                .formatted(PACKAGE_AND_CLASS));
  }

  @Test
  void explainsPublicAccessWhenAPrivateKeyIsRequired(CapturedOutput output) {
    assertThat(
            failureOf(
                Signer.class,
                output,
                "--latchkey.keysets.receipts.template=ED25519",
                "--latchkey.keysets.receipts.owner=billing",
                "--latchkey.keysets.receipts.access=public"))
        .isEqualTo(
            """
            Description:

            Parameter 'signer' of the constructor of %s$Signer requires PublicKeySign of the keyset 'receipts', but latchkey.keysets.receipts.access is public, which provides only PublicKeyVerify

            Action:

            Inject PublicKeyVerify, or set latchkey.keysets.receipts.access=read and grant the application the policy of a consumer.
            """
                .formatted(PACKAGE_AND_CLASS));
  }

  @Test
  void suggestsTheNearestSecretWhenItsNameIsMistyped(CapturedOutput output) {
    assertThat(
            failureOf(
                Payments.class, output, "--latchkey.secrets.paiments.reference=vault@kv/paiments"))
        .isEqualTo(
            """
            Description:

            Field 'payments' of %s$Payments requires the secret 'payments', which is not configured

            Action:

            Did you mean 'paiments'? If not, add the secret: latchkey.secrets.payments.reference=vault@secret/payments
            """
                .formatted(PACKAGE_AND_CLASS));
  }

  @Test
  void failsWhenASecretIsInjectedAsAKeyset(CapturedOutput output) {
    assertThat(
            failureOf(Typo.class, output, "--latchkey.secrets.oders.reference=vault@kv/payments"))
        .isEqualTo(
            """
            Description:

            Parameter 'aead' of the constructor of %s$Typo requires Aead of 'oders', which is a secret

            Action:

            Inject a RotatingSecret, or name a keyset.
            """
                .formatted(PACKAGE_AND_CLASS));
  }

  @Test
  void listsThePrimitivesWhenTheTypeIsNotOne(CapturedOutput output) {
    assertThat(failureOf(NoPrimitive.class, output))
        .contains(
            "requires String of the keyset 'orders', but its template AES256_GCM provides only Aead")
        .endsWith("Inject Aead.\n");
  }

  @Test
  void explainsThatLatchkeyIsDisabledWhenItIs(CapturedOutput output) {
    assertThat(failureOf(Typo.class, output, "--latchkey.enabled=false"))
        .contains("requires the keyset 'oders', but latchkey.enabled is false")
        .contains("Remove latchkey.enabled=false");
  }

  @Test
  void namesFileAndLineWhenATemplateIsUnknown(CapturedOutput output, @TempDir Path directory)
      throws IOException {
    Path file = directory.resolve("application.properties");
    Files.writeString(file, "# keys\nlatchkey.keysets.invoices.template=AES256_GMC\n");

    assertThat(failureOf(Good.class, output, "--spring.config.location=" + file))
        .isEqualTo(
            """
            Description:

            latchkey.keysets.invoices.template (URL [file:%s] - 2:36): There is no key template 'AES256_GMC'

            Action:

            Did you mean 'AES256_GCM'?
            """
                .formatted(file));
  }

  @Test
  void leavesTheFailureToSpringBootWhenAnotherBeanIsMissing(CapturedOutput output) {
    assertThat(failureOf(Other.class, output))
        .contains("required a bean of type 'com.google.crypto.tink.Mac' that could not be found");
  }

  @Test
  void leavesTheFailureToSpringBootWhenADependencyOfAKeyIsMissing(CapturedOutput output) {
    assertThat(failureOf(Behind.class, output))
        .contains("required a bean of type 'java.lang.StringBuilder' that could not be found");
  }

  private static String failureOf(Class<?> bean, CapturedOutput output, String... arguments) {
    SpringApplicationBuilder application =
        new SpringApplicationBuilder(Application.class, bean)
            .web(WebApplicationType.NONE)
            .properties(
                "latchkey.store.type=memory", "latchkey.keysets.orders.template=AES256_GCM");
    assertThatException().isThrownBy(() -> application.run(arguments));
    String all = output.getAll().replace("\r\n", "\n");
    return all.substring(all.indexOf("Description:")).strip() + "\n";
  }

  @Configuration(proxyBeanMethods = false)
  @ImportAutoConfiguration({KeysetAutoConfiguration.class, RotatingKeyAutoConfiguration.class})
  static class Application {}

  static class Good {
    Good(@RotatingKey("orders") Aead aead) {}
  }

  static class Typo {
    Typo(@RotatingKey("oders") Aead aead) {}
  }

  static class Unknown {
    @RotatingKey("invoices")
    @SuppressWarnings("NullAway")
    Mac mac;
  }

  static class Payments {
    @RotatingKey("payments")
    @SuppressWarnings("NullAway")
    RotatingSecret payments;
  }

  static class Unsupported {
    @Autowired
    void use(@RotatingKey("orders") Mac mac) {}
  }

  static class Signer {
    Signer(@RotatingKey("receipts") PublicKeySign signer) {}
  }

  static class NoPrimitive {
    NoPrimitive(@RotatingKey("orders") String text) {}
  }

  static class Other {
    Other(Mac mac) {}
  }

  static class Behind {
    Behind(@RotatingKey("orders") Aead aead) {}

    @Bean
    static Aead ordersAead(StringBuilder missing) {
      throw new IllegalStateException(missing.toString());
    }
  }
}
