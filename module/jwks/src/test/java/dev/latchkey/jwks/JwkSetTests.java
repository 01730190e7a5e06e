package dev.latchkey.jwks;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.key.live.internal.KeysetRegistry;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.util.Base64;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** JWK sets in servlet and reactive applications. */
class JwkSetTests {

  private static final JsonMapper JSON = new JsonMapper();

  private final HttpClient http = HttpClient.newHttpClient();

  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "NONE")
  void servesTheSpareWhenAJwkSetIsConfigured(WebApplicationType type) throws Exception {
    try (ConfigurableApplicationContext context =
        run(
            type,
            "--latchkey.keysets.tokens.template=JWT_ES256",
            "--latchkey.keysets.tokens.jwks.path=/.well-known/jwks.json",
            "--latchkey.keysets.tokens.jwks.max-age=5m",
            "--latchkey.keysets.tokens.rotation.propagation=10m",
            "--latchkey.keysets.grants.template=JWT_RS256_2048_F4_RAW",
            "--latchkey.keysets.grants.jwks.path=/grants.json")) {
      HttpResponse<String> tokens = get(context, "/.well-known/jwks.json");

      assertThat(tokens.statusCode()).isEqualTo(200);
      assertThat(tokens.headers().firstValue("Cache-Control")).contains("max-age=300, public");
      assertThat(tokens.headers().firstValue("Content-Type")).contains("application/json");
      JsonNode keys = JSON.readTree(tokens.body()).path("keys");
      assertThat(keys.findValuesAsString("kid"))
          .containsExactlyElementsOf(
              context.getBean(KeysetRegistry.class).snapshot("tokens").metadata().keys().stream()
                  .map(key -> kid(key.id()))
                  .toList())
          .hasSize(2);
      assertThat(tokens.body()).doesNotContain("\"d\"");

      HttpResponse<String> grants = get(context, "/grants.json");
      assertThat(grants.headers().firstValue("Cache-Control")).contains("max-age=0, public");
      assertThat(JSON.readTree(grants.body()).path("keys").findValuesAsString("alg"))
          .containsExactly("RS256", "RS256");
      assertThat(grants.body()).doesNotContain("kid");
    }
  }

  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "NONE")
  void servesNoJwkSetWhenNoneIsConfigured(WebApplicationType type) throws Exception {
    try (ConfigurableApplicationContext context =
        run(type, "--latchkey.keysets.tokens.template=JWT_ES256")) {
      assertThat(context.containsBean("latchkeyJwkSets")).isFalse();
      assertThat(get(context, "/.well-known/jwks.json").statusCode()).isEqualTo(404);
    }
  }

  /** As Tink puts it into a token. */
  private static String kid(long keyId) {
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(ByteBuffer.allocate(4).putInt((int) keyId).array());
  }

  private static ConfigurableApplicationContext run(WebApplicationType type, String... more) {
    return new SpringApplicationBuilder(Application.class)
        .web(type)
        .properties("server.port=0", "latchkey.store.type=memory")
        .run(more);
  }

  private HttpResponse<String> get(ConfigurableApplicationContext context, String path)
      throws Exception {
    String port = context.getEnvironment().getRequiredProperty("local.server.port");
    return http.send(
        HttpRequest.newBuilder(URI.create("http://localhost:%s%s".formatted(port, path))).build(),
        BodyHandlers.ofString());
  }

  @Configuration(proxyBeanMethods = false)
  @EnableAutoConfiguration
  static class Application {}
}
