package dev.latchkey.docs;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Base64;
import java.util.stream.Stream;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;

/** Sends a single request to an application whose endpoint is behind Spring Security. */
final class EndpointRequestor {

  private EndpointRequestor() {}

  /**
   * Sends a request as {@code user} to an application that knows only the user {@code operator}.
   */
  static HttpResponse<String> send(String method, String user, Class<?>... configuration)
      throws Exception {
    Class<?>[] sources =
        Stream.concat(Stream.of(Application.class), Stream.of(configuration))
            .toArray(Class<?>[]::new);
    try (ConfigurableApplicationContext context =
        new SpringApplication(sources)
            .run(
                "--server.port=0",
                "--latchkey.store.type=memory",
                "--latchkey.keysets.orders.template=AES256_GCM",
                "--management.endpoints.web.exposure.include=rotation",
                "--management.endpoint.rotation.access=unrestricted",
                "--spring.security.user.name=operator",
                "--spring.security.user.password=test",
                "--spring.security.user.roles=OPERATOR")) {
      String port = context.getEnvironment().getRequiredProperty("local.server.port");
      String credentials = Base64.getEncoder().encodeToString((user + ":test").getBytes());
      HttpRequest request =
          HttpRequest.newBuilder(
                  URI.create("http://localhost:%s/actuator/rotation/orders".formatted(port)))
              .header("Authorization", "Basic " + credentials)
              .header("Content-Type", "application/json")
              .method(method, HttpRequest.BodyPublishers.ofString("{\"action\":\"rotate\"}"))
              .build();
      return HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());
    }
  }

  @Configuration(proxyBeanMethods = false)
  @EnableAutoConfiguration(
      excludeName = "org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration")
  static class Application {}
}
