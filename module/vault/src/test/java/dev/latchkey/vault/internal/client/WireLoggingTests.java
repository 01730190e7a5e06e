package dev.latchkey.vault.internal.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.latchkey.LatchkeyException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WireLoggingTests {

  private static final String HTTP_CLIENT = "jdk.httpclient.HttpClient.log";
  private static final String TLS = "javax.net.debug";

  @AfterEach
  void clear() {
    System.clearProperty(HTTP_CLIENT);
    System.clearProperty(TLS);
  }

  @ParameterizedTest
  @ValueSource(strings = {"all", "headers", "HEADERS", "All", "errors, Headers", "content"})
  void refusesHttpClientThatLogsHeaders(String logged) {
    System.setProperty(HTTP_CLIENT, logged);

    assertThatExceptionOfType(LatchkeyException.class)
        .isThrownBy(() -> new WireLogging().refuse(false))
        .withMessage(HTTP_CLIENT + "=" + logged + " would log the Vault token")
        .satisfies(refusal -> assertThat(refusal.action()).contains("'requests,errors' is safe"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "requests,errors", "ERRORS"})
  void allowsHttpClientThatLogsNoHeaders(String logged) {
    System.setProperty(HTTP_CLIENT, logged);

    assertThatCode(() -> new WireLogging().refuse(true)).doesNotThrowAnyException();
  }

  @Test
  void refusesTheSameInNetProperties(@TempDir Path javaHome) throws IOException {
    Path file = Files.createDirectory(javaHome.resolve("conf")).resolve("net.properties");
    Files.writeString(file, HTTP_CLIENT + "=Headers,errors\n");

    assertThatExceptionOfType(LatchkeyException.class)
        .isThrownBy(() -> new WireLogging(javaHome).refuse(false))
        .withMessage(HTTP_CLIENT + "=Headers,errors in net.properties would log the Vault token");
    System.setProperty(HTTP_CLIENT, "errors");
    assertThatCode(() -> new WireLogging(javaHome).refuse(false))
        .as("the system property overrides the file")
        .doesNotThrowAnyException();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "all", "ALL", "ssl:record:plaintext", "ssl,handshake,plaintext"})
  void refusesTlsThatPrintsPlaintext(String debug) {
    System.setProperty(TLS, debug);

    assertThatExceptionOfType(LatchkeyException.class)
        .isThrownBy(() -> new WireLogging().refuse(true))
        .withMessage(TLS + "=" + debug + " would print the Vault token");
    assertThatCode(() -> new WireLogging().refuse(false))
        .as("a connection without TLS")
        .doesNotThrowAnyException();
  }

  @ParameterizedTest
  @ValueSource(strings = {"ssl", "ssl:handshake"})
  void allowsTlsThatPrintsNoPlaintext(String debug) {
    System.setProperty(TLS, debug);

    assertThatCode(() -> new WireLogging().refuse(true)).doesNotThrowAnyException();
  }
}
