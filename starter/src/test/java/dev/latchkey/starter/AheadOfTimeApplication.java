package dev.latchkey.starter;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.crypto.tink.Aead;
import com.google.crypto.tink.PublicKeySign;
import com.google.crypto.tink.PublicKeyVerify;
import com.zaxxer.hikari.HikariDataSource;
import dev.latchkey.annotation.RotatingKey;
import dev.latchkey.key.live.Reencryptor;
import dev.latchkey.secret.RotatingSecret;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.aot.AotDetector;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.beans.factory.support.BeanDefinitionBuilder;
import org.springframework.beans.factory.support.BeanDefinitionRegistry;
import org.springframework.boot.CommandLineRunner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
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
            "latchkey.keysets.invoices.template", "ED25519",
            "latchkey.secrets.orders-db.reference", "vault@secret/orders-db",
            "latchkey.datasource.secret", "orders-db",
            "app.password", "${vault@secret/orders-db?generate=32#password}"));
    spring.addInitializers(AheadOfTimeApplication::defineHolder);
    spring.run(args).close();
  }

  /** What XML and many libraries do: a placeholder in a bean definition. */
  private static void defineHolder(ConfigurableApplicationContext context) {
    if (!AotDetector.useGeneratedArtifacts()) {
      ((BeanDefinitionRegistry) context.getBeanFactory())
          .registerBeanDefinition(
              "holder",
              BeanDefinitionBuilder.rootBeanDefinition(Holder.class)
                  .addPropertyValue("password", "${app.password}")
                  .getBeanDefinition());
    }
  }

  @Bean
  CommandLineRunner runner(
      ConstructorInjection constructor,
      FieldInjection fields,
      Holder holder,
      HikariDataSource pool,
      @Value("${app.password}") String password) {
    return args -> {
      System.out.printf("Looked up %d characters%n", password.length());
      System.out.printf("In a bean definition too: %s%n", password.equals(holder.password));
      System.out.printf(
          "And for the pool: %s%n",
          password.equals(pool.getCredentialsProvider().getCredentials().getPassword()));
      System.out.printf(
          "And as a rotating secret: %s%n", password.equals(fields.database.get("password")));
      byte[] ciphertext = constructor.aead.encrypt("data".getBytes(UTF_8), new byte[0]);
      byte[] plaintext = fields.orders.decrypt(ciphertext, new byte[0]);
      System.out.printf(
          "Under the primary key: %s%n", fields.reencryptor.usesPrimaryKey(ciphertext));
      fields.verifier.verify(constructor.signer.sign(plaintext), plaintext);
      System.out.printf(
          "Decrypted %s, ahead of time: %s%n",
          new String(plaintext, UTF_8), AotDetector.useGeneratedArtifacts());
    };
  }

  /** It is never connected. */
  @Bean
  HikariDataSource pool() {
    HikariDataSource pool = new HikariDataSource();
    pool.setJdbcUrl("jdbc:postgresql://127.0.0.1:1/postgres");
    pool.setUsername("app");
    return pool;
  }

  static class Holder {

    private @Nullable String password;

    public void setPassword(String password) {
      this.password = password;
    }
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

    @RotatingKey("orders-db")
    RotatingSecret database;

    @RotatingKey("orders")
    private Aead orders;

    @RotatingKey("order-data")
    Aead orderData;

    @RotatingKey("invoices")
    protected PublicKeyVerify verifier;

    @RotatingKey("orders")
    Reencryptor reencryptor;
  }

  /** The same with a bean that cannot be. */
  static class WithRecord {

    public static void main(String[] args) {
      run(new SpringApplication(AheadOfTimeApplication.class, Orders.class), args);
    }

    record Orders(@RotatingKey("orders") Aead aead) {}
  }
}
