package dev.latchkey.samples.quickstart;

import dev.latchkey.test.BaoServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.List;

/** The script {@code vault/start.sh} and the server that it starts. */
record VaultScript(Process process, int port, Path state) implements AutoCloseable {

  static VaultScript start(Path state) {
    try {
      int port = freePort();
      ProcessBuilder builder = new ProcessBuilder("vault/start.sh").redirectErrorStream(true);
      builder.environment().put("BAO", BaoServer.binary().toString());
      builder.environment().put("PORT", String.valueOf(port));
      builder.environment().put("STATE", state.toString());
      VaultScript script = new VaultScript(builder.start(), port, state);
      script.awaitReady();
      return script;
    } catch (IOException ex) {
      throw new UncheckedIOException(ex);
    }
  }

  String uri() {
    return "http://127.0.0.1:" + port;
  }

  Path tokenFile() {
    return state.resolve("token");
  }

  private void awaitReady() throws IOException {
    StringBuilder printed = new StringBuilder();
    for (String line = process.inputReader().readLine();
        line != null;
        line = process.inputReader().readLine()) {
      printed.append(line).append('\n');
      if (line.contains("Ctrl-C stops the server")) {
        return;
      }
    }
    throw new IllegalStateException("The script ended: " + printed);
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  @Override
  public void close() {
    List<ProcessHandle> servers = process.descendants().toList();
    process.destroy();
    process.onExit().join();
    servers.forEach(server -> server.onExit().join());
  }
}
