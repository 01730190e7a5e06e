package dev.latchkey.docs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.BDDMockito.given;
import static org.mockito.Mockito.mock;

import dev.latchkey.actuate.SecretDescriptor;
import dev.latchkey.actuate.internal.RotationMetrics;
import dev.latchkey.actuate.internal.SecretMetrics;
import dev.latchkey.key.rotation.KeysetStatus;
import dev.latchkey.key.rotation.RotationEvent;
import dev.latchkey.key.rotation.RotationStatus;
import dev.latchkey.secret.SecretEvent;
import dev.latchkey.secret.SecretReference;
import dev.latchkey.secret.SecretStatus;
import dev.latchkey.secret.SecretValue.Kind;
import dev.latchkey.secret.rotating.internal.RotatingSecrets;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class EndpointPageTests {

  private static final Page PAGE = Page.of("docs/reference/endpoint.md");

  private static final Page METERS = Page.of("docs/reference/meters.md");

  private static final Page EVENTS = Page.of("docs/reference/events.md");

  private static final Page SECURING = Page.of("docs/how-to/secure-the-endpoint.md");

  @Test
  void showsTheFieldsOfAnActualResponse() throws Exception {
    JsonNode shown = json(PAGE.snippets("json").findFirst().orElseThrow().text());
    JsonNode real = json(EndpointRequestor.send("GET", "operator").body());
    assertThat(real.propertyNames()).containsExactlyElementsOf(shown.propertyNames());
    assertThat(paths(real)).containsAll(paths(shown));
  }

  @Test
  void showsTheFieldsOfASecret() {
    JsonNode shown = json(PAGE.snippets("json").skip(1).findFirst().orElseThrow().text());
    assertThat(paths(JsonMapper.shared().valueToTree(SecretDescriptor.of(leased()))))
        .isEqualTo(paths(shown));
  }

  private static SecretStatus leased() {
    Instant time = Instant.parse("2026-11-24T22:58:00Z");
    return new SecretStatus(
        SecretReference.parsePath("vault@database/creds/orders"),
        null,
        Kind.LEASE,
        3,
        null,
        time,
        time,
        false,
        new SecretStatus.LeaseStatus(
            "database/creds/orders/2f6a614c", true, time, time, time, null, Duration.ZERO, 0),
        null,
        new SecretStatus.Counts(0, 0, 0));
  }

  @Test
  void postBehindSpringSecurityRequiresTheConfiguration() throws Exception {
    assertThat(EndpointRequestor.send("POST", "operator").statusCode()).isIn(401, 403);
    assertThat(EndpointRequestor.send("POST", "operator", ActuatorSecurity.class).statusCode())
        .isEqualTo(200);
    assertThat(EndpointRequestor.send("POST", "nobody", ActuatorSecurity.class).statusCode())
        .isEqualTo(401);
  }

  @Test
  void pageShowsTheTestedSecurityConfiguration() throws IOException {
    String source =
        Files.readString(Path.of("src/test/java/dev/latchkey/docs/ActuatorSecurity.java"));
    assertThat(SECURING.text()).contains(source.substring(source.indexOf("@Configuration")));
  }

  @Test
  void listsEveryMeterAndItsTags() {
    RotationStatus rotation = mock();
    RotatingSecrets secrets = mock();
    given(rotation.keysets()).willReturn(Map.of("orders", mock(KeysetStatus.class)));
    given(secrets.status()).willReturn(Map.of("payments", leased()));
    MeterRegistry meters = new SimpleMeterRegistry();
    new RotationMetrics(rotation, Clock.systemUTC()).bindTo(meters);
    new SecretMetrics(secrets, Clock.systemUTC()).bindTo(meters);

    assertThat(meters.getMeters())
        .hasSizeGreaterThan(10)
        .map(Meter::getId)
        .allSatisfy(
            meter -> {
              assertThat(METERS.text()).contains("`" + meter.getName() + "`");
              assertThat(meter.getTags())
                  .isNotEmpty()
                  .allSatisfy(tag -> assertThat(METERS.text()).contains("`" + tag.getKey() + "`"));
            });
  }

  @ParameterizedTest
  @ValueSource(classes = {RotationEvent.class, SecretEvent.class})
  void listsEveryEvent(Class<?> events) {
    assertThat(events.getPermittedSubclasses())
        .isNotEmpty()
        .allSatisfy(each -> assertThat(EVENTS.text()).contains("`" + each.getSimpleName() + "`"));
  }

  private static JsonNode json(String text) {
    return JsonMapper.shared().readTree(text);
  }

  private static Set<String> paths(JsonNode node) {
    Set<String> paths = new TreeSet<>();
    collect("", node, paths);
    return paths;
  }

  private static void collect(String path, JsonNode node, Set<String> paths) {
    paths.add(path);
    node.properties().forEach(each -> collect(path + "." + each.getKey(), each.getValue(), paths));
    if (node.isArray()) {
      node.forEach(each -> collect(path + "[]", each, paths));
    }
  }
}
