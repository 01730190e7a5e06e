package dev.latchkey.vault.internal.client;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Returns responses that a real server does not return on demand. */
public final class FakeVault implements AutoCloseable {

  private static final String ENDLESS = "endless";

  private final Map<String, Answer> answers = new ConcurrentHashMap<>();
  private final List<String> requests = new CopyOnWriteArrayList<>();
  private final HttpServer server;
  private final ExecutorService threads = Executors.newCachedThreadPool();

  private record Answer(int status, String body, Map<String, String> headers) {}

  public FakeVault() {
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException ex) {
      throw new UncheckedIOException(ex);
    }
    answers("sys/leader", 200, "{\"ha_enabled\":false}");
    server.createContext("/", this::answer);
    server.setExecutor(threads);
    server.start();
  }

  public URI uri() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  public FakeVault answers(String path, int status, String body, String... headers) {
    answers.put(
        path,
        new Answer(status, body, headers.length == 0 ? Map.of() : Map.of(headers[0], headers[1])));
    return this;
  }

  /** Answers with a body that never ends, until the client closes the connection. */
  public FakeVault answersEndlessly(String path, int status) {
    answers.put(path, new Answer(status, ENDLESS, Map.of()));
    return this;
  }

  /** Method, path, token and body of each request. */
  public List<String> requests() {
    return requests;
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      String path = exchange.getRequestURI().getPath().replaceFirst("^/v1/", "");
      requests.add(
          "%s %s %s %s"
              .formatted(
                  exchange.getRequestMethod(),
                  path,
                  exchange.getRequestHeaders().getFirst("X-Vault-Token"),
                  new String(exchange.getRequestBody().readAllBytes(), UTF_8)));
      Answer answer = answers.getOrDefault(path, new Answer(404, "{\"errors\":[]}", Map.of()));
      exchange.getResponseHeaders().set("Content-Type", "application/json");
      answer.headers().forEach(exchange.getResponseHeaders()::set);
      if (answer.body().equals(ENDLESS)) {
        exchange.sendResponseHeaders(answer.status(), 0);
        byte[] blanks = " ".repeat(8192).getBytes(UTF_8);
        while (true) { // until writing fails
          exchange.getResponseBody().write(blanks);
        }
      }
      byte[] body = answer.body().getBytes(UTF_8);
      exchange.sendResponseHeaders(answer.status(), body.length == 0 ? -1 : body.length);
      exchange.getResponseBody().write(body);
    }
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
