package dev.latchkey.vault.internal.client;

import dev.latchkey.LatchkeyException;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Properties;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Refuses settings of the JVM that print every request, and with it the token. */
final class WireLogging {

  private static final String HTTP_CLIENT = "jdk.httpclient.HttpClient.log";
  private static final Set<String> HTTP_CLIENT_OPTIONS = Set.of("headers", "content", "all");
  private static final String TLS = "javax.net.debug";

  private final Path javaHome;

  /** Reads the settings of the JVM that runs. */
  WireLogging() {
    this(Path.of(System.getProperty("java.home")));
  }

  WireLogging(Path javaHome) {
    this.javaHome = javaHome;
  }

  /**
   * Checks the settings.
   *
   * @param tls whether the connection uses TLS
   * @throws LatchkeyException naming the setting
   */
  void refuse(boolean tls) {
    String inSystem = System.getProperty(HTTP_CLIENT);
    refuseHttpClient(
        inSystem != null ? inSystem : inNetProperties(),
        inSystem != null ? "" : " in net.properties");
    String debug = System.getProperty(TLS);
    if (tls && debug != null && printsPlaintext(debug.toLowerCase(Locale.ROOT))) {
      throw new LatchkeyException(
          "%s=%s would print the Vault token".formatted(TLS, debug),
          "Set that system property to 'ssl:handshake', or remove it.");
    }
  }

  /** Options are separated by commas, in upper or lower case (the module java.net.http). */
  private static void refuseHttpClient(@Nullable String logged, String where) {
    if (logged != null
        && Arrays.stream(logged.split(","))
            .map(option -> option.strip().toLowerCase(Locale.ROOT))
            .anyMatch(HTTP_CLIENT_OPTIONS::contains)) {
      throw new LatchkeyException(
          "%s=%s%s would log the Vault token".formatted(HTTP_CLIENT, logged, where),
          "Remove 'headers', 'content' and 'all' from that property; 'requests,errors' is safe.");
    }
  }

  /** The JDK looks for options anywhere in the text; an empty one means all, by a logger. */
  private static boolean printsPlaintext(String options) {
    return options.isEmpty() || options.contains("all") || options.contains("plaintext");
  }

  /** The JDK reads this file if the system property is not set. */
  private @Nullable String inNetProperties() {
    Properties properties = new Properties();
    try (Reader file = Files.newBufferedReader(javaHome.resolve("conf/net.properties"))) {
      properties.load(file);
    } catch (IOException | IllegalArgumentException ex) {
      return null; // then the JDK reads none either
    }
    return properties.getProperty(HTTP_CLIENT);
  }
}
