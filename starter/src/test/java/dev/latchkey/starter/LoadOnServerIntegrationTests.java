package dev.latchkey.starter;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.crypto.tink.Aead;
import dev.latchkey.autoconfigure.key.KeysetAutoConfiguration;
import dev.latchkey.key.rotation.KeyAction;
import dev.latchkey.key.rotation.internal.RotationService;
import dev.latchkey.test.BaoServer;
import dev.latchkey.test.internal.RecordingProxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;

/** What a server is asked, and how soon a rotation has reached everybody. */
class LoadOnServerIntegrationTests {

  /** The last of them has a public half. */
  private static final int KEYSETS = 10;

  private final BaoServer server = BaoServer.shared();
  private final List<ConfigurableApplicationContext> instances = new ArrayList<>();
  private String kv;
  private String transit;

  @BeforeEach
  void mountEngines() {
    kv = server.mountKv(2);
    transit = server.mountTransit();
  }

  @AfterEach
  void stop() {
    instances.forEach(ConfigurableApplicationContext::close);
  }

  @Test
  void isAskedOnceForEachKeysetByAPollThatFindsNothingNew() {
    try (RecordingProxy proxy = RecordingProxy.before(server)) {
      RotationService rotation = start(proxy.uri().toString(), "1h");
      rotation.shareUsage();
      int before = proxy.requests().size();

      IntStream.range(0, 20).forEach(i -> rotation.refresh());
      List<String> polled = List.copyOf(proxy.requests().subList(before, proxy.requests().size()));
      rotation.shareUsage(); // once an hour

      assertThat(polled)
          .hasSize(20 * KEYSETS)
          .allMatch(it -> it.matches("GET /v1/%s/data/latchkey/shop/k\\d+".formatted(kv)));
      assertThat(proxy.requests().subList(before + polled.size(), proxy.requests().size()))
          .hasSize(KEYSETS)
          .allMatch(it -> it.matches("GET /v1/%s/data/latchkey/shop/k\\d+\\.usage".formatted(kv)));
    }
  }

  @Test
  void hasEveryInstanceUseANewKeyOnePollAfterARotation() {
    List<RotationService> all =
        IntStream.range(0, 4).mapToObj(i -> start(server.uri().toString(), "1h")).toList();
    all.get(0).find("k1").orElseThrow().perform(KeyAction.ROTATE, null, true);
    long active = activeKey(all.get(0));
    assertThat(all.subList(1, 4)).noneMatch(it -> activeKey(it) == active);

    all.subList(1, 4).forEach(RotationService::refresh);

    assertThat(all).allMatch(it -> activeKey(it) == active);
  }

  @Test
  void hasEveryInstanceUseANewKeyWithinTheIntervalOfItsPolls() {
    List<RotationService> all =
        IntStream.range(0, 4).mapToObj(i -> start(server.uri().toString(), "2s")).toList();
    long start = System.nanoTime();
    all.get(0).find("k1").orElseThrow().perform(KeyAction.ROTATE, null, true);
    long active = activeKey(all.get(0));

    while (!all.stream().allMatch(it -> activeKey(it) == active)) {
      LockSupport.parkNanos(1_000_000);
      assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(20));
    }
    System.out.printf(
        "4 instances that poll every 2 s used a new key after %d ms%n",
        Duration.ofNanos(System.nanoTime() - start).toMillis());
  }

  @Test
  void countsInACounterThatAnOperatorMade() throws Exception {
    start(server.uri().toString(), "1h"); // made the keysets, and no counter yet
    server.post(
        kv + "/data/latchkey/shop/k1.usage",
        Map.of("data", Map.of("document", "{\"format\":1,\"protectedCounts\":{}}")));
    RotationService rotation =
        start(
            server.uri().toString(),
            "1h",
            "--latchkey.keysets.k1.create=never",
            "--latchkey.keysets.k2.create=never");
    for (String keyset : List.of("k1", "k2")) {
      rotation
          .registry()
          .primitive(keyset, Aead.class)
          .encrypt("text".getBytes(UTF_8), new byte[0]);
    }

    rotation.shareUsage();

    assertThat(rotation.keyset("k1").orElseThrow().activeKeyTotal()).hasValue(1);
    assertThat(rotation.keyset("k2").orElseThrow().activeKeyTotal()).isEmpty();
  }

  private static long activeKey(RotationService rotation) {
    return rotation.keyset("k1").orElseThrow().metadata().active().id();
  }

  private RotationService start(String uri, String interval, String... more) {
    List<String> arguments = new ArrayList<>(List.of(more));
    IntStream.rangeClosed(1, KEYSETS)
        .mapToObj(
            i ->
                "--latchkey.keysets.k%d.template=%s"
                    .formatted(i, i < KEYSETS ? "AES256_GCM" : "ED25519"))
        .forEach(arguments::add);
    arguments.addAll(
        List.of(
            "--spring.application.name=shop",
            "--latchkey.vault.uri=" + uri,
            "--latchkey.vault.token=" + server.rootToken(),
            "--latchkey.store.vault.mount=" + kv,
            "--latchkey.store.vault.transit-mount=" + transit,
            "--latchkey.refresh.interval=" + interval));
    ConfigurableApplicationContext instance =
        new SpringApplicationBuilder(Application.class)
            .web(WebApplicationType.NONE)
            .properties("spring.main.banner-mode=off")
            .run(arguments.toArray(String[]::new));
    instances.add(instance);
    return instance.getBean(RotationService.class);
  }

  @Configuration(proxyBeanMethods = false)
  @ImportAutoConfiguration(KeysetAutoConfiguration.class)
  static class Application {}
}
