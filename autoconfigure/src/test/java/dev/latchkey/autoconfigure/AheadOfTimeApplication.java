package dev.latchkey.autoconfigure;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.crypto.tink.Aead;
import com.google.crypto.tink.PublicKeySign;
import com.google.crypto.tink.PublicKeyVerify;
import dev.latchkey.annotation.RotatingKey;
import java.util.Map;
import org.springframework.aot.AotDetector;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.CommandLineRunner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/** A small application that is processed ahead of time, and says what was injected. */
@Configuration(proxyBeanMethods = false)
@EnableAutoConfiguration
@Import({
  AheadOfTimeApplication.ConstructorInjection.class,
  AheadOfTimeApplication.FieldInjection.class
})
class AheadOfTimeApplication {

  public static void main(String[] args) {
    run(new SpringApplication(AheadOfTimeApplication.class), args);
  }

  private static void run(SpringApplication spring, String... args) {
    spring.setWebApplicationType(WebApplicationType.NONE);
    spring.setDefaultProperties(
        Map.of(
            "latchkey.keysets.orders.template", "AES256_GCM",
            "latchkey.keysets.order-data.template", "AES256_GCM",
            "latchkey.keysets.invoices.template", "ED25519"));
    spring.run(args).close();
  }

  @Bean
  CommandLineRunner runner(
      ConstructorInjection constructor,
      FieldInjection fields,
      @Value("${vault@secret/orders-db?generate=32#password}") String password) {
    return args -> {
      System.out.printf("Looked up %d characters%n", password.length());
      byte[] ciphertext = constructor.aead.encrypt("data".getBytes(UTF_8), new byte[0]);
      byte[] plaintext = fields.orders.decrypt(ciphertext, new byte[0]);
      fields.verifier.verify(constructor.signer.sign(plaintext), plaintext);
      System.out.printf(
          "Decrypted %s by %s, ahead of time: %s%n",
          new String(plaintext, UTF_8),
          fields.orders.getClass().getSimpleName(),
          AotDetector.useGeneratedArtifacts());
    };
  }

  static class ConstructorInjection {

    private final Aead aead;
    private final PublicKeySign signer;

    ConstructorInjection(
        @RotatingKey("orders") Aead aead, @RotatingKey("invoices") PublicKeySign signer) {
      this.aead = aead;
      this.signer = signer;
    }
  }

  @SuppressWarnings("NullAway.Init")
  static class FieldInjection {

    @RotatingKey("orders")
    private Aead orders;

    @RotatingKey("order-data")
    Aead orderData;

    @RotatingKey("invoices")
    protected PublicKeyVerify verifier;
  }

  /** The same with a bean that cannot be. */
  static class WithRecord {

    public static void main(String[] args) {
      run(new SpringApplication(AheadOfTimeApplication.class, Orders.class), args);
    }

    record Orders(@RotatingKey("orders") Aead aead) {}
  }
}
