package dev.latchkey.vault.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.crypto.tink.Aead;
import com.google.crypto.tink.PublicKeySign;
import dev.latchkey.autoconfigure.key.KeysetAutoConfiguration;
import dev.latchkey.key.KeysetId;
import dev.latchkey.key.live.internal.KeysetRegistry;
import dev.latchkey.key.rotation.KeyAction;
import dev.latchkey.key.rotation.internal.RotationService;
import dev.latchkey.store.Backend;
import dev.latchkey.test.BaoServer;
import dev.latchkey.vault.internal.client.PolicyLine;
import dev.latchkey.vault.internal.policy.Policies;
import dev.latchkey.vault.internal.policy.Policies.Keyset;
import java.io.BufferedReader;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

/** The script that prepares a server for the quickstart. */
final class QuickstartScriptIntegrationTests {

  private static final Path SAMPLE = Path.of("../../samples/quickstart/vault");

  @Test
  @Timeout(60)
  void preparesTheServerForTheApplication(@TempDir Path state) throws Exception {
    int port;
    try (ServerSocket socket = new ServerSocket(0)) {
      port = socket.getLocalPort();
    }
    ProcessBuilder builder =
        new ProcessBuilder(SAMPLE.resolve("start.sh").toString()).redirectErrorStream(true);
    builder.environment().put("BAO", BaoServer.binary().toString());
    builder.environment().put("PORT", String.valueOf(port));
    builder.environment().put("STATE", state.toString());
    Process script = builder.start();
    try {
      String printed = readUntil(script.inputReader(), "Ctrl-C stops the server");
      assertThat(printed)
          .contains("is listening at http://127.0.0.1:" + port, state.resolve("token").toString())
          .doesNotContain(
              Files.readString(state.resolve("token")).strip(),
              Files.readString(state.resolve("root-token")).strip());
      assertThat(state.resolve("token"))
          .satisfies(
              file ->
                  assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                      .isEqualTo("rw-------"));

      run("http://127.0.0.1:" + port, state.resolve("token"));
      run("http://127.0.0.1:" + port, state.resolve("token"));
    } finally {
      List<ProcessHandle> servers = script.descendants().toList();
      script.destroy();
      assertThat(script.waitFor(10, TimeUnit.SECONDS)).isTrue();
      for (ProcessHandle server : servers) {
        server.onExit().get(10, TimeUnit.SECONDS);
      }
    }
  }

  @Test
  void containsTheApplicationsPolicyAndCreatesItsTransitKeys() throws Exception {
    Policies policies =
        new Policies(
            "secret",
            "latchkey",
            "transit",
            List.of(
                Keyset.own(new KeysetId("quickstart", "orders"), false, true),
                Keyset.own(new KeysetId("quickstart", "receipts"), true, true)),
            List.of(PolicyLine.allowing("secret/data/orders-db", "read")));

    assertThat(Files.readString(SAMPLE.resolve("policy.hcl")))
        .isEqualTo(
            policies
                .application()
                .lines()
                .map(
                    line ->
                        line.contains("transit/keys/") ? line.replace(", \"update\"", "") : line)
                .collect(Collectors.joining("\n", "", "\n")));
  }

  private static void run(String uri, Path token) {
    new ApplicationContextRunner()
        .withConfiguration(AutoConfigurations.of(KeysetAutoConfiguration.class))
        .withPropertyValues(
            "spring.application.name=quickstart",
            "latchkey.vault.uri=" + uri,
            "latchkey.vault.token-file=" + token,
            "latchkey.keysets.orders.template=AES256_GCM",
            "latchkey.keysets.receipts.template=ED25519")
        .run(
            context -> {
              assertThat(context).hasNotFailed();
              assertThat(context.getBean(Backend.class).secrets().read("secret/orders-db", null))
                  .get()
                  .satisfies(it -> assertThat(it.get("password")).hasSize(32));
              KeysetRegistry registry = context.getBean(KeysetRegistry.class);
              registry.primitive("orders", Aead.class).encrypt(new byte[1], null);
              registry.primitive("receipts", PublicKeySign.class).sign(new byte[1]);
              context
                  .getBean(RotationService.class)
                  .find("orders")
                  .orElseThrow()
                  .perform(KeyAction.ROTATE, null, true);
              context
                  .getBean(RotationService.class)
                  .find("receipts")
                  .orElseThrow()
                  .perform(KeyAction.ROTATE, null, true);
            });
  }

  private static String readUntil(BufferedReader reader, String end) throws Exception {
    StringBuilder printed = new StringBuilder();
    for (String line = reader.readLine(); line != null; line = reader.readLine()) {
      printed.append(line).append('\n');
      if (line.contains(end)) {
        return printed.toString();
      }
    }
    throw new AssertionError("The script ended: " + printed);
  }
}
