package dev.latchkey.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.crypto.tink.Aead;
import dev.latchkey.annotation.RotatingKey;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;

/** Applications on a servlet container, on a reactive server, and on none. */
class WebStackTests {

  private final HttpClient http = HttpClient.newHttpClient();

  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "NONE")
  void rotatesOverTheWeb(WebApplicationType type) throws Exception {
    try (ConfigurableApplicationContext context = run(type)) {
      Aead aead = context.getBean(Application.class).aead;
      byte[] ciphertext = aead.encrypt(new byte[] {1}, null);

      assertThat(post(context, "orders", "{\"action\":\"rotate\"}").statusCode()).isEqualTo(200);
      HttpResponse<String> refused =
          post(context, "orders", "{\"action\":\"disable\",\"key\":\"1\"}");
      assertThat(refused.statusCode()).isEqualTo(409);
      assertThat(refused.body()).contains("has no key 1");
      assertThat(post(context, "order", "{\"action\":\"rotate\"}").statusCode()).isEqualTo(404);
      assertThat(aead.decrypt(ciphertext, null)).containsExactly(1);
    }
  }

  @Test
  void worksWithoutAWebLayer() throws Exception {
    try (ConfigurableApplicationContext context = run(WebApplicationType.NONE)) {
      Aead aead = context.getBean(Application.class).aead;

      assertThat(aead.decrypt(aead.encrypt(new byte[] {1}, null), null)).containsExactly(1);
    }
  }

  private static ConfigurableApplicationContext run(WebApplicationType type) {
    return new SpringApplicationBuilder(Application.class)
        .web(type)
        .run(
            "--server.port=0",
            "--latchkey.store.type=memory",
            "--latchkey.keysets.orders.template=AES256_GCM",
            "--management.endpoints.web.exposure.include=rotation",
            "--management.endpoint.rotation.access=unrestricted");
  }

  private HttpResponse<String> post(
      ConfigurableApplicationContext context, String keyset, String body) throws Exception {
    String port = context.getEnvironment().getRequiredProperty("local.server.port");
    return http.send(
        HttpRequest.newBuilder(
                URI.create("http://localhost:%s/actuator/rotation/%s".formatted(port, keyset)))
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(body))
            .build(),
        BodyHandlers.ofString());
  }

  @Configuration(proxyBeanMethods = false)
  @EnableAutoConfiguration
  static class Application {

    @RotatingKey("orders")
    Aead aead;
  }
}
