package dev.latchkey.test.internal;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.latchkey.test.BaoServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** A proxy in front of a real server that records requests. It can add TLS. */
public final class RecordingProxy implements AutoCloseable {

  private static final String TOKEN_LOOKUP = "GET /v1/auth/token/lookup-self";
  private static final Set<String> PASSED =
      Set.of("x-vault-token", "x-vault-namespace", "x-vault-index", "x-vault-inconsistent");
  private static final Set<String> PASSED_BACK = Set.of("content-type", "x-vault-index");

  private final HttpClient client = HttpClient.newHttpClient();
  private final ExecutorService executor = Executors.newCachedThreadPool();
  private final List<String> requests = new CopyOnWriteArrayList<>();
  private final AtomicInteger left = new AtomicInteger(Integer.MAX_VALUE);
  private final URI target;
  private final HttpServer server;
  private final URI uri;
  private volatile Duration latency = Duration.ZERO;

  private RecordingProxy(URI target, HttpServer server, String scheme) {
    this.target = target;
    this.server = server;
    this.uri = URI.create(scheme + "://localhost:" + server.getAddress().getPort());
    server.createContext("/", this::forward);
    server.setExecutor(executor);
    server.start();
  }

  public static RecordingProxy before(BaoServer server) {
    return before(server, null);
  }

  /** Uses TLS with these keys. */
  public static RecordingProxy before(BaoServer server, @Nullable SSLContext tls) {
    try {
      InetSocketAddress address = new InetSocketAddress(InetAddress.getByName("localhost"), 0);
      if (tls == null) {
        return new RecordingProxy(server.uri(), HttpServer.create(address, 0), "http");
      }
      HttpsServer https = HttpsServer.create(address, 0);
      https.setHttpsConfigurator(new HttpsConfigurator(tls));
      return new RecordingProxy(server.uri(), https, "https");
    } catch (IOException ex) {
      throw new UncheckedIOException(ex);
    }
  }

  public URI uri() {
    return uri;
  }

  /**
   * The requests so far, such as {@code GET /v1/secret/data/orders}, without lookups of how long
   * the token lives, which run in the background at any time.
   */
  public List<String> requests() {
    return requests.stream().filter(it -> !it.equals(TOKEN_LOOKUP)).toList();
  }

  /** How many lookups asked how long the token lives. */
  public long tokenLookUps() {
    return requests.stream().filter(TOKEN_LOOKUP::equals).count();
  }

  /** Delays every response from now on, like a network. */
  public void answerAfter(Duration latency) {
    this.latency = latency;
  }

  /**
   * Passes a number of requests, and drops the connections of all later ones. The last that it
   * passes is executed, but its response is lost.
   */
  public void passOnly(int count) {
    left.set(count);
  }

  private void forward(HttpExchange exchange) throws IOException {
    try (exchange) {
      int passed = left.getAndDecrement();
      if (passed <= 0) {
        return;
      }
      requests.add(exchange.getRequestMethod() + " " + exchange.getRequestURI());
      HttpRequest.Builder request =
          HttpRequest.newBuilder(target.resolve(exchange.getRequestURI()))
              .method(
                  exchange.getRequestMethod(),
                  BodyPublishers.ofByteArray(exchange.getRequestBody().readAllBytes()));
      exchange
          .getRequestHeaders()
          .forEach(
              (name, values) -> {
                if (PASSED.contains(name.toLowerCase(Locale.ROOT))) {
                  values.forEach(value -> request.header(name, value));
                }
              });
      HttpResponse<byte[]> response = client.send(request.build(), BodyHandlers.ofByteArray());
      response
          .headers()
          .map()
          .forEach(
              (name, values) -> {
                if (PASSED_BACK.contains(name.toLowerCase(Locale.ROOT))) {
                  exchange.getResponseHeaders().put(name, values);
                }
              });
      Thread.sleep(latency.toMillis());
      if (passed == 1) {
        return;
      }
      byte[] body = response.body();
      exchange.sendResponseHeaders(response.statusCode(), body.length == 0 ? -1 : body.length);
      if (body.length > 0) {
        exchange.getResponseBody().write(body);
      }
    } catch (InterruptedException ex) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    server.stop(0);
    executor.shutdownNow();
  }
}
