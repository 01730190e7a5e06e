package dev.latchkey.test;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A real OpenBao or Vault server in development mode, on a free port of the loopback interface: in
 * memory, unsealed, with a KV v2 engine at {@code secret}. It stops with {@link #close()}, or with
 * the JVM, even if the JVM is killed.
 *
 * <p>Tests that stop, pause or seal a server {@link #start()} their own. All others use {@link
 * #shared()} and mount their own engine there.
 */
public final class BaoServer implements AutoCloseable {

  private static final Pattern UNSEAL_KEY = Pattern.compile("Unseal Key: (\\S+)\\s*");
  private static final Duration ANSWER_LIMIT = Duration.ofSeconds(30);
  private static final JsonMapper JSON = JsonMapper.shared();
  private static final HttpClient HTTP =
      HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();

  private final BaoProcess process;
  private final URI uri;
  private final String rootToken;
  private final String unsealKey;
  private final AtomicInteger names;

  /**
   * @param names counts the new names, on all nodes of a cluster together
   */
  BaoServer(BaoProcess process, URI uri, String rootToken, String unsealKey, AtomicInteger names) {
    this.process = process;
    this.uri = uri;
    this.rootToken = rootToken;
    this.unsealKey = unsealKey;
    this.names = names;
  }

  /** Starts a server and waits until it responds. */
  public static BaoServer start() {
    return start(new String[0]);
  }

  /** Starts a server with additional configuration, such as another listener. */
  public static BaoServer start(Path configuration) {
    return start("-config=" + configuration);
  }

  private static BaoServer start(String... moreArguments) {
    String failure = "";
    for (int attempt = 0; attempt < 5; attempt++) {
      try {
        return startOnFreePort(moreArguments);
      } catch (BaoProcess.PortTakenException ex) {
        failure = String.valueOf(ex.getMessage());
      }
    }
    throw new IllegalStateException("No free port for a server: " + failure);
  }

  /** The server that all tests of this JVM share. It runs as long as the JVM. */
  public static BaoServer shared() {
    return Shared.SERVER;
  }

  /** The server's binary, for other ways to run it. */
  public static Path binary() {
    return BaoBinary.find();
  }

  private static BaoServer startOnFreePort(String... moreArguments) {
    URI uri = URI.create("http://127.0.0.1:" + freePort());
    String rootToken = "root-" + HexFormat.of().formatHex(randomBytes(16));
    BaoProcess process =
        BaoProcess.start(
            UNSEAL_KEY,
            Map.of("BAO_DEV_ROOT_TOKEN_ID", rootToken, "VAULT_DEV_ROOT_TOKEN_ID", rootToken),
            Stream.concat(
                    Stream.of(
                        "server",
                        "-dev",
                        "-dev-no-store-token",
                        "-dev-listen-address=" + uri.getAuthority()),
                    Stream.of(moreArguments))
                .toArray(String[]::new));
    BaoServer server =
        new BaoServer(process, uri, rootToken, process.announced(), new AtomicInteger());
    server.awaitReady();
    return server;
  }

  public URI uri() {
    return uri;
  }

  public String rootToken() {
    return rootToken;
  }

  /** The process of the server. */
  public long pid() {
    return process.pid();
  }

  /** Reads as root: {@code get("secret/data/orders")}. */
  public JsonNode get(String path) {
    return expectSuccess("GET", path, null);
  }

  /** Writes as root; {@code json} is any object that Jackson can write. */
  public JsonNode post(String path, Object json) {
    return expectSuccess("POST", path, json);
  }

  /** Deletes as root. */
  public void delete(String path) {
    expectSuccess("DELETE", path, null);
  }

  /** Sends any request with any token; returns its status and body. */
  public HttpResponse<String> exchange(
      String token, String method, String path, @Nullable Object json) {
    return exchange(token, method, path, json, ANSWER_LIMIT);
  }

  HttpResponse<String> exchange(
      String token,
      String method,
      String path,
      @Nullable Object json,
      Duration limit,
      String... headers) {
    HttpRequest request =
        HttpRequest.newBuilder(uri.resolve("/v1/" + path))
            .timeout(limit)
            .headers(
                Stream.concat(Stream.of("X-Vault-Token", token), Stream.of(headers))
                    .toArray(String[]::new))
            .method(
                method,
                json == null
                    ? BodyPublishers.noBody()
                    : BodyPublishers.ofString(JSON.writeValueAsString(json)))
            .build();
    try {
      return HTTP.send(request, BodyHandlers.ofString());
    } catch (IOException ex) {
      throw new UncheckedIOException(ex);
    } catch (InterruptedException ex) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted", ex);
    }
  }

  byte[] download(String path) {
    return send(request(path).GET().build(), BodyHandlers.ofByteArray());
  }

  void upload(String path, byte[] body) {
    send(request(path).POST(BodyPublishers.ofByteArray(body)).build(), BodyHandlers.ofByteArray());
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(uri.resolve("/v1/" + path))
        .timeout(ANSWER_LIMIT)
        .header("X-Vault-Token", rootToken);
  }

  private static <T> T send(HttpRequest request, HttpResponse.BodyHandler<T> handler) {
    try {
      HttpResponse<T> response = HTTP.send(request, handler);
      if (response.statusCode() >= 300) {
        throw new IllegalStateException(
            "%s answered %d".formatted(request.uri(), response.statusCode()));
      }
      return response.body();
    } catch (IOException ex) {
      throw new UncheckedIOException(ex);
    } catch (InterruptedException ex) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted", ex);
    }
  }

  /** A name that is unique on this server. */
  public String newName(String prefix) {
    return prefix + names.incrementAndGet();
  }

  /** Mounts a KV engine of a version at a new path, and returns the path. */
  public String mountKv(int version) {
    String mount = newName("kv");
    mountKv(mount, version);
    return mount;
  }

  /** Mounts a KV engine at a path, and waits until it responds. */
  public void mountKv(String mount, int version) {
    mountKvIn("", mount, version);
  }

  /** Mounts a KV engine at a path of a namespace (empty for the root namespace). */
  public void mountKvIn(String namespace, String mount, int version) {
    String prefix = namespace.isEmpty() ? "" : namespace + "/";
    post(
        prefix + "sys/mounts/" + mount,
        Map.of("type", "kv", "options", Map.of("version", String.valueOf(version))));
    if (version == 2) {
      process.await(
          mount + " is ready",
          () -> exchange(rootToken, "GET", prefix + mount + "/config", null).statusCode() == 200);
    }
  }

  /** Mounts a Transit engine at a new path, and returns the path. */
  public String mountTransit() {
    String mount = newName("transit");
    post("sys/mounts/" + mount, Map.of("type", "transit"));
    return mount;
  }

  /** Writes a policy with a new name, and returns the name. */
  public String policy(String text) {
    String name = newName("policy");
    post("sys/policies/acl/" + name, Map.of("policy", text));
    return name;
  }

  /** Creates a token with policies in addition to {@code default}. */
  public String token(String... policies) {
    List<String> held = policies.length == 0 ? List.of("default") : List.of(policies);
    return post("auth/token/create", Map.of("policies", held))
        .at("/auth/client_token")
        .stringValue();
  }

  /** Creates a token with policies but without {@code default}. */
  public String tokenWithoutDefault(String... policies) {
    return post(
            "auth/token/create", Map.of("policies", List.of(policies), "no_default_policy", true))
        .at("/auth/client_token")
        .stringValue();
  }

  /**
   * Creates a token with one policy only.
   *
   * @param namespace namespace of both, with a trailing slash; empty for the root namespace
   */
  public String tokenIn(String namespace, String policy) {
    String name = newName("policy");
    post(namespace + "sys/policies/acl/" + name, Map.of("policy", policy));
    return post(
            namespace + "auth/token/create",
            Map.of("policies", List.of(name), "no_default_policy", true))
        .at("/auth/client_token")
        .stringValue();
  }

  /** Writes as root with a wrapped response, and returns the token that unwraps it once. */
  public String wrap(String ttl, String path, Object json) {
    HttpResponse<String> response =
        exchange(rootToken, "POST", path, json, ANSWER_LIMIT, "X-Vault-Wrap-TTL", ttl);
    return JSON.readTree(response.body()).at("/wrap_info/token").stringValue();
  }

  /** Seals the server. */
  public void seal() {
    post("sys/seal", Map.of());
  }

  String unsealKey() {
    return unsealKey;
  }

  public void unseal() {
    post("sys/unseal", Map.of("key", unsealKey));
    awaitReady();
  }

  /** Pauses the process: connections stay open, and requests get no response. */
  public void pause() {
    process.signal("STOP");
  }

  public void resume() {
    process.signal("CONT");
  }

  /** Kills the process: connections are refused. */
  @Override
  public void close() {
    process.close();
  }

  @Override
  public String toString() {
    return "server at " + uri;
  }

  private JsonNode expectSuccess(String method, String path, @Nullable Object json) {
    HttpResponse<String> response = exchange(rootToken, method, path, json);
    if (response.statusCode() >= 300) {
      throw new IllegalStateException(
          "%s %s answered %d: %s".formatted(method, path, response.statusCode(), response.body()));
    }
    return JSON.readTree(response.body().isEmpty() ? "null" : response.body());
  }

  private void awaitReady() {
    process.await(
        this + " is ready",
        () -> exchange(rootToken, "GET", "secret/config", null).statusCode() == 200);
  }

  /** A port that was free a moment ago. */
  public static int freePort() {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    } catch (IOException ex) {
      throw new UncheckedIOException(ex);
    }
  }

  private static byte[] randomBytes(int count) {
    byte[] bytes = new byte[count];
    new SecureRandom().nextBytes(bytes);
    return bytes;
  }

  private static final class Shared {
    static final BaoServer SERVER = start();
  }
}
