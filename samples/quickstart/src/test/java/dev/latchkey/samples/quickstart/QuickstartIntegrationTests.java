package dev.latchkey.samples.quickstart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.util.FileSystemUtils;
import tools.jackson.databind.JsonNode;

@Timeout(300)
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
  @ValueSource(booleans = {false, true})
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
  void protectsStoreAndDatabaseFromAttackerWithoutKey() throws IOException {
    try (QuickstartProcess process = QuickstartProcess.ofJar(directory, home, Map.of())) {
      process.client();
    }
    assertDatabaseRefuses("", "orders", "${vault@secret/orders-db?generate=32#password}");

    Path stolen = Files.createDirectory(temp.resolve("stolen"));
    Path otherHome = Files.createDirectory(temp.resolve("other-home"));
    FileSystemUtils.copyRecursively(directory.resolve(".latchkey"), stolen.resolve(".latchkey"));
    restrict(stolen.resolve(".latchkey"));
    try (QuickstartProcess process = QuickstartProcess.ofJar(stolen, otherHome, Map.of())) {
      assertThat(process.output()).contains("APPLICATION FAILED TO START", ".latchkey", ".key");
      assertThat(process.exitCode()).isEqualTo(1);
    }
    assertThat(otherHome).isEmptyDirectory();
  }

  @Test
  void readsAndCreatesNothingDuringAheadOfTimeProcessing() throws IOException {
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

  @Test
  void runsOnServerPreparedByScript() {
    try (VaultScript script = VaultScript.start(temp.resolve("state"))) {
      JsonNode receipt;
      String[] options = {
        "-Dspring.profiles.active=vault",
        "-Dlatchkey.vault.uri=" + script.uri(),
        "-Dlatchkey.vault.token-file=" + script.tokenFile()
      };
      try (QuickstartProcess process =
          QuickstartProcess.ofJar(directory, home, Map.of(), options)) {
        OrderServiceClient client = process.client();
        receipt = client.order("Espresso machine", CARD);
        assertThatExceptionOfType(IllegalStateException.class)
            .isThrownBy(() -> client.rotate("orders"))
            .withMessageContaining("409");
        client.forceRotation("orders");
        client.forceRotation("receipts");
        assertThat(client.find(receipt).get("card").stringValue()).isEqualTo(CARD);
        assertThat(states(client.rotation("orders"))).contains("RETIRED", "ACTIVE", "PENDING");
      }
      try (QuickstartProcess process =
          QuickstartProcess.ofJar(directory, home, Map.of(), options)) {
        OrderServiceClient client = process.client();
        assertThat(client.genuine(receipt)).isTrue();
        assertThat(states(client.rotation("orders"))).contains("RETIRED", "ACTIVE", "PENDING");
      }
    }
    assertThat(directory).isEmptyDirectory();
    assertThat(home).isEmptyDirectory();
  }

  private void assertDatabaseRefuses(String... passwords) {
    String url = "jdbc:h2:file:" + directory.resolve("quickstart");
    for (String password : passwords) {
      assertThatExceptionOfType(SQLException.class)
          .isThrownBy(() -> DriverManager.getConnection(url, "orders", password).close())
          .withMessageContaining("Wrong user name or password");
    }
  }

  private static void restrict(Path store) throws IOException {
    try (Stream<Path> files = Files.walk(store)) {
      for (Path each : files.toList()) {
        String mode = Files.isDirectory(each) ? "rwx------" : "rw-------";
        Files.setPosixFilePermissions(each, PosixFilePermissions.fromString(mode));
      }
    }
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
