package dev.latchkey.starter;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Map;
import org.springframework.aot.AotDetector;
import org.springframework.boot.CommandLineRunner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;

/** A web application that is processed ahead of time, and fetches its public keys from itself. */
@Configuration(proxyBeanMethods = false)
@EnableAutoConfiguration(exclude = DataSourceAutoConfiguration.class)
class AheadOfTimeIssuer {

  public static void main(String[] args) {
    SpringApplication spring = new SpringApplication(AheadOfTimeIssuer.class);
    spring.setWebApplicationType(WebApplicationType.SERVLET);
    spring.setDefaultProperties(
        Map.of(
            "server.port", "0",
            "latchkey.keysets.tokens.template", "JWT_ES256",
            "latchkey.keysets.tokens.jwks.path", "/.well-known/jwks.json"));
    spring.run(args).close();
  }

  @Bean
  CommandLineRunner fetcher(Environment environment) {
    return args -> {
      URI keys =
          URI.create(
              "http://localhost:%s/.well-known/jwks.json"
                  .formatted(environment.getProperty("local.server.port")));
      HttpResponse<String> answer =
          HttpClient.newHttpClient()
              .send(HttpRequest.newBuilder(keys).build(), HttpResponse.BodyHandlers.ofString());
      System.out.printf(
          "Served %d keys with status %d, ahead of time: %s%n",
          answer.body().split("\"kid\"", -1).length - 1,
          answer.statusCode(),
          AotDetector.useGeneratedArtifacts());
    };
  }
}
