package dev.latchkey.samples.quickstart;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

@Timeout(120)
class QuickstartIntegrationTests {

  private static final String CARD = "4111 1111 1111 1111";

  @TempDir private Path temp;

  private Path directory;

  private Path home;

  @BeforeEach
  void makeDirectories() throws IOException {
    directory = Files.createDirectory(temp.resolve("work"));
    home = Files.createDirectory(temp.resolve("home"));
  }

  @ParameterizedTest
  @ValueSource(booleans = false)
  void decryptsWhatWasEncryptedBeforeRotationAndRestart(boolean aheadOfTime) {
    String option = "-Dspring.aot.enabled=" + aheadOfTime;
    JsonNode receipt;
    try (QuickstartProcess process = QuickstartProcess.ofJar(directory, home, Map.of(), option)) {
      OrderServiceClient client = process.client();
      receipt = client.order("Espresso machine", CARD);
      String first = activeKey(client);
      client.rotate("orders");
      assertThat(activeKey(client)).isNotEqualTo(first);
      assertThat(states(client.rotation("orders"))).contains("RETIRED", "ACTIVE", "PENDING");
      assertThat(client.find(receipt).get("card").stringValue()).isEqualTo(CARD);
    }
    try (QuickstartProcess process = QuickstartProcess.ofJar(directory, home, Map.of(), option)) {
      OrderServiceClient client = process.client();
      assertThat(client.find(receipt).get("card").stringValue()).isEqualTo(CARD);
      assertThat(client.genuine(receipt)).isTrue();
      assertThat(states(client.rotation("orders"))).contains("RETIRED", "ACTIVE", "PENDING");
    }
  }

  @Test
  void aheadOfTimeProcessingReadsAndCreatesNothing() throws IOException {
    Path generated = temp.resolve("generated");
    try (QuickstartProcess process =
        QuickstartProcess.start(
            directory,
            home,
            Map.of(),
            List.of(
                "-cp",
                System.getProperty("java.class.path"),
                "org.springframework.boot.SpringApplicationAotProcessor",
                QuickstartApplication.class.getName(),
                generated.resolve("sources").toString(),
                generated.resolve("resources").toString(),
                generated.resolve("classes").toString(),
                "dev.latchkey",
                "quickstart"))) {
      String output = process.output();
      assertThat(process.exitCode()).as(output).isZero();
    }
    assertThat(generated.resolve("sources")).isNotEmptyDirectory();
    assertThat(directory).isEmptyDirectory();
    assertThat(home).isEmptyDirectory();
  }

  private static List<String> states(JsonNode rotation) {
    return StreamSupport.stream(rotation.get("keys").spliterator(), false)
        .map(key -> key.get("state").stringValue())
        .toList();
  }

  private static String activeKey(OrderServiceClient client) {
    return StreamSupport.stream(client.rotation("orders").get("keys").spliterator(), false)
        .filter(key -> key.get("state").stringValue().equals("ACTIVE"))
        .map(key -> key.get("id").stringValue())
        .findFirst()
        .orElseThrow();
  }
}
