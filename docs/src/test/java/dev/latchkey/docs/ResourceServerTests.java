package dev.latchkey.docs;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.crypto.tink.jwt.JwtPublicKeySign;
import com.google.crypto.tink.jwt.RawJwt;
import dev.latchkey.key.live.internal.KeysetRegistry;
import dev.latchkey.key.rotation.KeyAction;
import dev.latchkey.key.rotation.internal.RotationService;
import dev.latchkey.key.rotation.internal.Rotator;
import jakarta.servlet.Filter;
import jakarta.servlet.http.HttpServletRequest;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.security.oauth2.server.resource.autoconfigure.servlet.JwkSetUriJwtDecoderBuilderCustomizer;
import org.springframework.cache.Cache;
import org.springframework.cache.concurrent.ConcurrentMapCache;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.security.core.annotation.AuthenticationPrincipal;
import org.springframework.security.oauth2.jwt.Jwt;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** Tests a Spring Security resource server that knows the issuer only by its JWK set. */
class ResourceServerTests {

  private static final String DATABASE =
      "org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration";

  private final HttpClient http = HttpClient.newHttpClient();

  @ParameterizedTest
  @CsvSource({"JWT_ES256, 20", "JWT_ES256_RAW, 3"})
  void acceptsTokensAcrossRotationsAndRejectsThoseOfCompromisedKeys(String template, int rotations)
      throws Exception {
    try (ConfigurableApplicationContext issuer = issuer(template);
        ConfigurableApplicationContext resources = resourceServer(issuer)) {
      Cache kept = resources.getBean(Cache.class);
      AtomicInteger fetches = issuer.getBean(AtomicInteger.class);
      Rotator tokens = issuer.getBean(RotationService.class).find("tokens").orElseThrow();
      List<String> all = new ArrayList<>();
      all.add(token(issuer));
      for (int rotation = 1; rotation <= rotations; rotation++) {
        kept.clear(); // expires the cached set, so that it is fetched again
        assertAccepted(resources, all.subList(rotation - 1, rotation));
        tokens.perform(KeyAction.ROTATE, null, false);
        all.add(token(issuer));
        assertAccepted(resources, all);
        assertThat(fetches).as("the spare was in the set").hasValue(rotation);
      }

      tokens.perform(KeyAction.COMPROMISE, null, true);
      kept.clear();
      for (String token : all) {
        assertThat(get(resources, token).statusCode()).isEqualTo(401);
      }
      assertAccepted(resources, List.of(token(issuer)));
    }
  }

  private void assertAccepted(ConfigurableApplicationContext resources, List<String> tokens)
      throws Exception {
    for (String token : tokens) {
      HttpResponse<String> response = get(resources, token);
      assertThat(response.statusCode()).isEqualTo(200);
      assertThat(response.body()).isEqualTo("alice");
    }
  }

  @Test
  void pageShowsTheTestedSecurityConfiguration() throws Exception {
    String source = Files.readString(Path.of("src/test/java/dev/latchkey/docs/JwksSecurity.java"));
    assertThat(Page.of("docs/how-to/serve-a-jwk-set.md").text())
        .contains(source.substring(source.indexOf("@Configuration")));
  }

  private static String token(ConfigurableApplicationContext issuer) throws Exception {
    return issuer
        .getBean(KeysetRegistry.class)
        .primitive("tokens", JwtPublicKeySign.class)
        .signAndEncode(
            RawJwt.newBuilder()
                .setSubject("alice")
                .setExpiration(Instant.now().plusSeconds(3600))
                .build());
  }

  private HttpResponse<String> get(ConfigurableApplicationContext resources, String token)
      throws Exception {
    return http.send(
        HttpRequest.newBuilder(URI.create(uri(resources) + "/whoami"))
            .header("Authorization", "Bearer " + token)
            .build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private static String uri(ConfigurableApplicationContext context) {
    return "http://localhost:" + context.getEnvironment().getRequiredProperty("local.server.port");
  }

  private static ConfigurableApplicationContext issuer(String template) {
    return new SpringApplication(Issuer.class, JwksSecurity.class)
        .run(
            "--server.port=0",
            "--latchkey.store.type=memory",
            "--latchkey.keysets.tokens.template=" + template,
            "--latchkey.keysets.tokens.jwks.path=/.well-known/jwks.json");
  }

  private static ConfigurableApplicationContext resourceServer(
      ConfigurableApplicationContext issuer) {
    return new SpringApplication(ResourceServer.class)
        .run(
            "--server.port=0",
            "--spring.security.oauth2.resourceserver.jwt.jwk-set-uri=%s/.well-known/jwks.json"
                .formatted(uri(issuer)),
            "--spring.security.oauth2.resourceserver.jwt.jws-algorithms=ES256");
  }

  @Configuration(proxyBeanMethods = false)
  @EnableAutoConfiguration(excludeName = DATABASE)
  static class Issuer {

    /** How often the set was fetched. */
    @Bean
    AtomicInteger fetches() {
      return new AtomicInteger();
    }

    @Bean
    Filter counting(AtomicInteger fetches) {
      return (request, response, chain) -> {
        if (((HttpServletRequest) request).getRequestURI().endsWith("jwks.json")) {
          fetches.incrementAndGet();
        }
        chain.doFilter(request, response);
      };
    }
  }

  @Configuration(proxyBeanMethods = false)
  @EnableAutoConfiguration(excludeName = DATABASE)
  @RestController
  static class ResourceServer {

    @Bean
    Cache kept() {
      return new ConcurrentMapCache("jwks");
    }

    @Bean
    JwkSetUriJwtDecoderBuilderCustomizer keeping(Cache kept) {
      return decoder -> decoder.cache(kept);
    }

    @GetMapping("/whoami")
    String whoami(@AuthenticationPrincipal Jwt jwt) {
      return jwt.getSubject();
    }
  }
}
