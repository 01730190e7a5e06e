package dev.latchkey.file;

import com.google.crypto.tink.Aead;
import dev.latchkey.annotation.RotatingKey;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Lazy;

/** Starts once, encrypts, and stops. */
@SpringBootConfiguration(proxyBeanMethods = false)
@EnableAutoConfiguration
public class ImportApplication {

  public static void main(String[] arguments) {
    new SpringApplicationBuilder(ImportApplication.class)
        .web(WebApplicationType.NONE)
        .run(arguments)
        .close();
  }

  @Bean
  @Lazy(false)
  byte[] ciphertext(@RotatingKey("orders") Aead aead) throws Exception {
    return aead.encrypt(new byte[] {1}, new byte[0]);
  }
}
