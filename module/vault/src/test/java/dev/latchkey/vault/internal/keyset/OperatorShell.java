package dev.latchkey.vault.internal.keyset;

import dev.latchkey.test.BaoServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** An operator with a shell, who pastes commands as they come. */
public final class OperatorShell {

  private final BaoServer server;
  private final Path bin;
  private final String token;

  /**
   * @param bin an empty directory for a command called {@code vault}
   */
  public OperatorShell(BaoServer server, Path bin) throws IOException {
    this(server, bin, server.rootToken());
  }

  /**
   * @param token what the operator logs in with
   */
  public OperatorShell(BaoServer server, Path bin, String token) throws IOException {
    this.server = server;
    this.bin = bin;
    this.token = token;
    Files.createSymbolicLink(bin.resolve("vault"), BaoServer.binary());
  }

  public void paste(List<String> commands) throws IOException, InterruptedException {
    for (String command : commands) {
      ProcessBuilder shell = new ProcessBuilder("sh", "-c", command).redirectErrorStream(true);
      shell.environment().merge("PATH", bin.toString(), (path, own) -> own + ":" + path);
      for (String prefix : List.of("BAO_", "VAULT_")) {
        shell.environment().put(prefix + "ADDR", server.uri().toString());
        shell.environment().put(prefix + "TOKEN", token);
      }
      Process running = shell.start();
      String printed = new String(running.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      if (running.waitFor() != 0) {
        throw new AssertionError("%s failed: %s".formatted(command, printed));
      }
    }
  }
}
