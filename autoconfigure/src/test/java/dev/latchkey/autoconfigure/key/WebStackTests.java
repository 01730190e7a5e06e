package dev.latchkey.autoconfigure.key;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.crypto.tink.Aead;
import dev.latchkey.actuate.RotationEndpoint;
import dev.latchkey.actuate.RotationEndpointWebExtension;
import dev.latchkey.annotation.RotatingKey;
import dev.latchkey.autoconfigure.internal.EventRelay;
import dev.latchkey.key.KeysetId;
import dev.latchkey.key.document.KeysetStore;
import dev.latchkey.key.document.internal.UsageTotals;
import dev.latchkey.key.rotation.internal.RotationService;
import dev.latchkey.store.Backend;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.EnumSource.Mode;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.SmartLifecycle;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** Applications on a servlet container, on a reactive server, and on none. */
class WebStackTests {

  private final HttpClient http = HttpClient.newHttpClient();

  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "NONE")
  void rotatesWhenTheEndpointIsCalledOverHttp(WebApplicationType type) throws Exception {
    try (ConfigurableApplicationContext context = run(type)) {
      Aead aead = context.getBean(Application.class).aead;
      byte[] ciphertext = aead.encrypt(new byte[] {1}, null);

      assertThat(post(context, "orders", "{\"action\":\"rotate\"}").statusCode()).isEqualTo(200);
      HttpResponse<String> refused =
          post(context, "orders", "{\"action\":\"disable\",\"key\":\"1\"}");
      assertThat(refused.statusCode()).isEqualTo(409);
      assertThat(refused.body()).contains("there is no key 1");
      assertThat(post(context, "order", "{\"action\":\"rotate\"}").statusCode()).isEqualTo(404);
      assertThat(aead.decrypt(ciphertext, null)).containsExactly(1);
    }
  }

  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "NONE")
  void returnsTextWhenPoliciesAreRequested(WebApplicationType type) throws Exception {
    try (ConfigurableApplicationContext context = run(type, "--policies=fake")) {
      HttpResponse<String> policy = get(context, "/actuator/rotation/policies/operator");

      assertThat(policy.statusCode()).isEqualTo(200);
      assertThat(policy.body()).isEqualTo("path \"x\" {}\n");
      assertThat(policy.headers().firstValue("Content-Type").orElseThrow())
          .startsWith("text/plain");
      assertThat(get(context, "/actuator/rotation/policies/nobody").statusCode()).isEqualTo(404);
    }
    try (ConfigurableApplicationContext context = run(type)) {
      assertThat(get(context, "/actuator/rotation/policies/operator").statusCode())
          .as("without Vault")
          .isEqualTo(404);
    }
  }

  @ParameterizedTest
  @EnumSource(mode = Mode.EXCLUDE, names = "NONE")
  void refreshesAndSharesUsageWhenARequestOutlivesTheShutdown(WebApplicationType type)
      throws Exception {
    ConfigurableApplicationContext context = run(type, "--drain=slow");
    Drain drain = context.getBean(Drain.class);
    RotationService rotation = context.getBean(RotationService.class);
    KeysetStore counters = context.getBean(Backend.class).counters();
    String uri = "http://localhost:" + context.getEnvironment().getProperty("local.server.port");
    CompletableFuture<HttpResponse<String>> answer =
        http.sendAsync(
            HttpRequest.newBuilder(URI.create(uri + "/slow")).build(), BodyHandlers.ofString());
    drain.asked.await();

    context.close();

    assertThat(answer.get().body())
        .as("refreshes go on, and events are published")
        .isEqualTo("true true");
    long active = rotation.keyset("orders").orElseThrow().metadata().active().id();
    assertThat(
            new UsageTotals(counters).add(new KeysetId("application", "orders"), Map.of(), false))
        .hasValue(Map.of(active, 1L));
  }

  @Test
  void startsWhenThereIsNoWebLayer() throws Exception {
    try (ConfigurableApplicationContext context = run(WebApplicationType.NONE)) {
      Aead aead = context.getBean(Application.class).aead;

      assertThat(aead.decrypt(aead.encrypt(new byte[] {1}, null), null)).containsExactly(1);
    }
  }

  private static ConfigurableApplicationContext run(WebApplicationType type, String... more) {
    return new SpringApplicationBuilder(Application.class)
        .web(type)
        .properties(
            "server.port=0",
            "latchkey.store.type=memory",
            "latchkey.keysets.orders.template=AES256_GCM",
            "management.endpoints.web.exposure.include=rotation",
            "management.endpoint.rotation.access=unrestricted")
        .run(more);
  }

  private HttpResponse<String> get(ConfigurableApplicationContext context, String path)
      throws Exception {
    String port = context.getEnvironment().getRequiredProperty("local.server.port");
    return http.send(
        HttpRequest.newBuilder(URI.create("http://localhost:%s%s".formatted(port, path))).build(),
        BodyHandlers.ofString());
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
  @Import(Drain.class)
  static class Application {

    @RotatingKey("orders")
    Aead aead;

    @Bean
    @ConditionalOnProperty("policies")
    RotationEndpointWebExtension extension(RotationEndpoint endpoint) {
      return new RotationEndpointWebExtension(
          endpoint, () -> Map.of("operator", "path \"x\" {}\n"));
    }
  }

  /** Answers a request only after what stops before the web server has stopped. */
  @RestController
  @ConditionalOnProperty("drain")
  static class Drain implements SmartLifecycle {

    private final Aead aead;
    private final RefreshSchedule refreshes;
    private final EventRelay events;
    private final CountDownLatch asked = new CountDownLatch(1);
    private final CountDownLatch stopped = new CountDownLatch(1);

    Drain(@RotatingKey("orders") Aead aead, RefreshSchedule refreshes, EventRelay events) {
      this.aead = aead;
      this.refreshes = refreshes;
      this.events = events;
    }

    @GetMapping("/slow")
    String slow() throws Exception {
      asked.countDown();
      stopped.await();
      aead.encrypt(new byte[] {1}, null);
      return refreshes.isRunning() + " " + events.isRunning();
    }

    @Override
    public void start() {}

    @Override
    public void stop() {
      stopped.countDown();
    }

    @Override
    public boolean isRunning() {
      return stopped.getCount() > 0;
    }

    @Override
    public int getPhase() {
      return WebServerApplicationContext.GRACEFUL_SHUTDOWN_PHASE + 1;
    }
  }
}
