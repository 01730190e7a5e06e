package dev.latchkey.starter;

import com.google.crypto.tink.Aead;
import dev.latchkey.annotation.RotatingKey;
import java.time.Duration;
import org.springframework.boot.Banner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.context.annotation.Configuration;

/** A small application that encrypts, starts and ends: {@link BadInputIntegrationTests} runs it. */
@Configuration(proxyBeanMethods = false)
@EnableAutoConfiguration(exclude = DataSourceAutoConfiguration.class)
final class BadInputApplication {

  /** Precedes the milliseconds that the start took, whether it failed or not. */
  static final String TOOK = "The start took ms: ";

  @RotatingKey("orders")
  private Aead aead;

  public static void main(String[] arguments) throws Exception {
    long start = System.nanoTime();
    try {
      SpringApplication application = new SpringApplication(BadInputApplication.class);
      application.setWebApplicationType(WebApplicationType.NONE);
      application.setBannerMode(Banner.Mode.OFF);
      application.run(arguments).getBean(BadInputApplication.class).encrypt();
    } finally {
      System.out.println(TOOK + Duration.ofNanos(System.nanoTime() - start).toMillis());
    }
  }

  private void encrypt() throws Exception {
    aead.encrypt(new byte[1], new byte[0]);
  }
}
