package dev.latchkey.vault.internal.login;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import dev.latchkey.LatchkeyException;
import dev.latchkey.store.Backend;
import dev.latchkey.test.BaoServer;
import dev.latchkey.test.internal.RecordingProxy;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.Signature;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.mock.env.MockEnvironment;
import tools.jackson.databind.json.JsonMapper;

/** Every authentication method that works with a server on this machine. */
final class VaultLoginIntegrationTests {

  private static final JsonMapper JSON = JsonMapper.shared();

  private final BaoServer server = BaoServer.shared();
  private final String mount = server.mountKv(2);
  private final String policy = policyFor(server, mount);
  private final MockEnvironment environment =
      new MockEnvironment().withProperty("latchkey.vault.uri", server.uri().toString());

  @TempDir private Path directory;

  @BeforeEach
  void writeASecret() {
    server.post(mount + "/data/db", Map.of("data", Map.of("x", "read")));
  }

  @Test
  void logsInWithAnAppRole() {
    AppRole role = appRole(server);
    with("authentication", "approle");
    with("app-role.role-id", role.roleId());
    with("app-role.secret-id", role.secretId());

    assertThat(read()).isEqualTo("read");
  }

  @Test
  void logsInWithAnAppRoleWithoutASecretId() {
    AppRole role = appRole(server);
    server.post(role.path(), Map.of("bind_secret_id", false, "token_bound_cidrs", "127.0.0.1/32"));
    with("authentication", "approle");
    with("app-role.role-id", role.roleId());

    assertThat(read()).isEqualTo("read");
  }

  @Test
  void readsTheSecretIdFileAtEachLogin() throws Exception {
    AppRole role = appRole(server);
    Path file = Files.writeString(directory.resolve("secret-id"), role.secretId() + "\n");
    with("authentication", "app-role");
    with("app-role.role-id", role.roleId());
    with("app-role.secret-id-file", file.toString());

    try (Backend backend = Backend.create(environment)) {
      assertThat(read(backend)).isEqualTo("read");

      Files.writeString(file, role.newSecretId(server));
      server.post(role.path() + "/secret-id/destroy", Map.of("secret_id", role.secretId()));
      endLoginsOf(role);
      assertThat(read(backend)).isEqualTo("read");
    }
  }

  @Test
  void unwrapsTheSecretIdOnceWhenItLogsInSeveralTimes() throws Exception {
    AppRole role = appRole(server);
    Path file =
        Files.writeString(directory.resolve("wrapped"), wrapped(role.path() + "/secret-id"));
    try (RecordingProxy proxy = RecordingProxy.before(server)) {
      with("uri", proxy.uri().toString());
      with("authentication", "approle");
      with("app-role.role-id", role.roleId());
      with("token-file", file.toString());

      try (Backend backend = Backend.create(environment)) {
        assertThat(read(backend)).isEqualTo("read");
        endLoginsOf(role);
        assertThat(read(backend)).isEqualTo("read");

        assertThat(proxy.requests()).filteredOn(request -> request.endsWith("/unwrap")).hasSize(1);
        assertThat(proxy.requests()).filteredOn(request -> request.endsWith("/login")).hasSize(2);
      }
      try (Backend backend = Backend.create(environment)) {
        assertThatThrownBy(() -> read(backend))
            .isInstanceOf(LatchkeyException.class)
            .hasMessageContaining("rejected the login")
            .hasMessageContaining("wrapping token is not valid")
            .hasMessageNotContaining(Files.readString(file));
      }
    }
  }

  @Test
  void readsTheIdsOfARoleWithAToken() {
    AppRole role = appRole(server);
    with("authentication", "approle");
    with("app-role.role", role.path().substring("auth/approle/role/".length()));
    with("token", server.rootToken());

    assertThat(read()).isEqualTo("read");
  }

  @Test
  void logsInWithAWrappedToken() {
    String wrapping =
        wrapped("auth/token/create", Map.of("policies", List.of(policy), "ttl", "1h"));
    with("authentication", "cubbyhole");
    with("token", wrapping);

    assertThat(read()).isEqualTo("read");
    assertThatThrownBy(this::read)
        .hasMessageContaining("rejected the login")
        .hasMessageNotContaining(wrapping);
  }

  @Test
  void logsInWithUsernameAndPassword() {
    enable("userpass");
    server.post(
        "auth/userpass/users/shop", Map.of("password", "pass wörd", "token_policies", policy));
    with("authentication", "userpass");
    with("userpass.username", "shop");
    with("userpass.password", "pass wörd");

    assertThat(read()).isEqualTo("read");

    with("userpass.password", "canary");
    assertThatThrownBy(this::read)
        .hasMessageContaining("rejected the login")
        .hasMessageNotContaining("canary");
  }

  @Test
  void logsInWithAJwt() throws Exception {
    String path = enable("jwt");
    KeyPair keys = rsa();
    server.post(
        "auth/%s/config".formatted(path),
        Map.of("jwt_validation_pubkeys", pem("PUBLIC KEY", keys.getPublic().getEncoded())));
    server.post(
        "auth/%s/role/shop".formatted(path),
        Map.of(
            "role_type", "jwt",
            "user_claim", "sub",
            "bound_audiences", "vault",
            "token_policies", policy));
    long now = Instant.now().getEpochSecond();
    String jwt =
        jwt(keys, Map.of("sub", "shop", "aud", "vault", "iat", now - 60, "exp", now + 300));
    with("authentication", "jwt");
    with("jwt.role", "shop");
    with("jwt.jwt-path", path);
    with("jwt.token-file", Files.writeString(directory.resolve("jwt"), jwt + "\n").toString());

    assertThat(read()).isEqualTo("read");
  }

  @Test
  void logsInWithAKubernetesServiceAccount() throws Exception {
    String jwt =
        jwt(
            rsa(),
            Map.of(
                "sub",
                "system:serviceaccount:shops:shop",
                "kubernetes.io",
                Map.of(
                    "namespace", "shops", "serviceaccount", Map.of("name", "shop", "uid", "u-1"))));
    HttpServer kubernetes = tokenReviews(jwt);
    try {
      String path = enable("kubernetes");
      server.post(
          "auth/%s/config".formatted(path),
          Map.of(
              "kubernetes_host",
              "http://127.0.0.1:" + kubernetes.getAddress().getPort(),
              "disable_local_ca_jwt",
              true,
              "kubernetes_ca_cert",
              pem("CERTIFICATE", keys("any.p12").getCertificate("mykey").getEncoded()),
              "token_reviewer_jwt",
              jwt));
      server.post(
          "auth/%s/role/shop".formatted(path),
          Map.of(
              "bound_service_account_names", "shop",
              "bound_service_account_namespaces", "shops",
              "token_policies", policy));
      with("authentication", "kubernetes");
      with("kubernetes.role", "shop");
      with("kubernetes.kubernetes-path", path);
      with(
          "kubernetes.service-account-token-file",
          Files.writeString(directory.resolve("account"), jwt + "\n").toString());

      assertThat(read()).isEqualTo("read");
    } finally {
      kubernetes.stop(0);
    }
  }

  @Test
  void logsInWithTheCertificateOfTheSslBundle() throws Exception {
    KeyStore keys = keys("shop.p12");
    Path store = directory.resolve("shop.p12");
    String certificate = pem("CERTIFICATE", keys.getCertificate("mykey").getEncoded());
    String key = pem("PRIVATE KEY", keys.getKey("mykey", "changeit".toCharArray()).getEncoded());
    int port = BaoServer.freePort();
    Path configuration =
        Files.writeString(
            directory.resolve("tls.hcl"),
            """
            listener "tcp" {
              address = "127.0.0.1:%d"
              tls_cert_file = "%s"
              tls_key_file = "%s"
            }
            """
                .formatted(
                    port,
                    Files.writeString(directory.resolve("certificate.pem"), certificate),
                    Files.writeString(directory.resolve("key.pem"), key)));
    try (BaoServer tls = BaoServer.start(configuration)) {
      tls.post("sys/auth/cert", Map.of("type", "cert"));
      tls.post(
          "auth/cert/certs/shop",
          Map.of("certificate", certificate, "token_policies", policyFor(tls, "secret")));
      tls.post("secret/data/db", Map.of("data", Map.of("x", "read")));
      with("uri", "https://localhost:" + port);
      with("authentication", "cert");
      with("cert.role", "shop");
      with("ssl.bundle", "shop");
      for (String kind : List.of("keystore", "truststore")) {
        environment
            .withProperty(
                "spring.ssl.bundle.jks.shop.%s.location".formatted(kind), store.toUri().toString())
            .withProperty("spring.ssl.bundle.jks.shop.%s.password".formatted(kind), "changeit");
      }

      try (Backend backend = Backend.create(environment)) {
        assertThat(backend.secrets().read("secret/db", null).orElseThrow().values())
            .containsEntry("x", "read");
      }
    }
  }

  @Test
  void logsInWithinANamespace() {
    String namespace = server.newName("team");
    server.post("sys/namespaces/" + namespace, Map.of());
    server.mountKvIn(namespace, "secret", 2);
    server.post(namespace + "/secret/data/db", Map.of("data", Map.of("x", "of the team")));
    server.post(namespace + "/sys/auth/approle", Map.of("type", "approle"));
    server.post(
        namespace + "/sys/policies/acl/shop",
        Map.of("policy", "path \"secret/*\" { capabilities = [\"read\"] }"));
    AppRole role = AppRole.create(server, namespace + "/auth/approle/role/shop", "shop", "1h");
    with("namespace", namespace);
    with("authentication", "approle");
    with("app-role.role-id", role.roleId());
    with("app-role.secret-id", role.secretId());

    try (Backend backend = Backend.create(environment)) {
      assertThat(backend.secrets().read("secret/db", null).orElseThrow().values())
          .containsEntry("x", "of the team");
      assertThat(backend.secrets().read("secret/none", null)).isEmpty();
    }

    with("namespace", "no-such-team");
    assertThatThrownBy(this::read).hasMessageContaining("namespace");
  }

  private String read() {
    try (Backend backend = Backend.create(environment)) {
      return read(backend);
    }
  }

  private String read(Backend backend) {
    return String.valueOf(backend.secrets().read(mount + "/db", null).orElseThrow().get("x"));
  }

  private void with(String name, String value) {
    environment.withProperty("latchkey.vault." + name, value);
  }

  private static String policyFor(BaoServer server, String mount) {
    return server.policy("path \"%s/*\" { capabilities = [\"read\"] }".formatted(mount));
  }

  /** Enables an auth method, at its own path if its configuration belongs to one test. */
  private String enable(String type) {
    String path = type.equals("userpass") || type.equals("approle") ? type : server.newName(type);
    if (!server.get("sys/auth").has(path + "/")) {
      server.post("sys/auth/" + path, Map.of("type", type));
    }
    return path;
  }

  private AppRole appRole(BaoServer server) {
    enable("approle");
    return AppRole.create(server, "auth/approle/role/" + server.newName("role"), policy, "1h");
  }

  private record AppRole(String path, String roleId, String secretId) {

    static AppRole create(BaoServer server, String path, String policy, String ttl) {
      server.post(path, Map.of("token_policies", policy, "token_ttl", ttl));
      return new AppRole(
          path,
          server.get(path + "/role-id").at("/data/role_id").stringValue(),
          server.post(path + "/secret-id", Map.of()).at("/data/secret_id").stringValue());
    }

    String newSecretId(BaoServer server) {
      return server.post(path + "/secret-id", Map.of()).at("/data/secret_id").stringValue();
    }
  }

  private void endLoginsOf(AppRole role) {
    server
        .exchange(server.rootToken(), "LIST", "auth/token/accessors", null)
        .body()
        .lines()
        .flatMap(body -> JSON.readTree(body).at("/data/keys").valueStream())
        .forEach(
            accessor -> {
              HttpResponse<String> found =
                  server.exchange(
                      server.rootToken(),
                      "POST",
                      "auth/token/lookup-accessor",
                      Map.of("accessor", accessor.stringValue()));
              if (found.body().contains("\"" + role.path().replaceAll(".*/", "") + "\"")) {
                server.post(
                    "auth/token/revoke-accessor", Map.of("accessor", accessor.stringValue()));
              }
            });
  }

  private String wrapped(String path) {
    return wrapped(path, Map.of());
  }

  private String wrapped(String path, Map<String, ?> body) {
    return server.wrap("5m", path, body);
  }

  private static KeyPair rsa() throws GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
    generator.initialize(2048);
    return generator.generateKeyPair();
  }

  private static String jwt(KeyPair keys, Map<String, ?> claims) throws GeneralSecurityException {
    String text =
        base64Url(JSON.writeValueAsBytes(Map.of("alg", "RS256", "typ", "JWT")))
            + "."
            + base64Url(JSON.writeValueAsBytes(claims));
    Signature signature = Signature.getInstance("SHA256withRSA");
    signature.initSign(keys.getPrivate());
    signature.update(text.getBytes(UTF_8));
    return text + "." + base64Url(signature.sign());
  }

  private static String base64Url(byte[] bytes) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  private static String pem(String type, byte[] bytes) {
    return "-----BEGIN %1$s-----\n%2$s\n-----END %1$s-----\n"
        .formatted(type, Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(bytes));
  }

  /** The token review API of Kubernetes. */
  private static HttpServer tokenReviews(String known) throws Exception {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/apis/authentication.k8s.io/v1/tokenreviews",
        exchange -> {
          try (exchange) {
            String asked = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
            byte[] answer =
                JSON.writeValueAsBytes(
                    Map.of(
                        "kind",
                        "TokenReview",
                        "apiVersion",
                        "authentication.k8s.io/v1",
                        "status",
                        Map.of(
                            "authenticated",
                            asked.contains(known),
                            "user",
                            Map.of(
                                "username",
                                "system:serviceaccount:shops:shop",
                                "uid",
                                "u-1",
                                "groups",
                                List.of("system:serviceaccounts")))));
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(201, answer.length);
            exchange.getResponseBody().write(answer);
          }
        });
    server.start();
    return server;
  }

  /** A key and its self-signed certificate in a new file. */
  private KeyStore keys(String file) throws Exception {
    Path store = directory.resolve(file);
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-keyalg",
                "EC",
                "-alias",
                "mykey",
                "-dname",
                "CN=localhost",
                "-ext",
                "san=dns:localhost",
                "-keystore",
                store.toString(),
                "-storepass",
                "changeit")
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), UTF_8);
    assertThat(process.waitFor()).as(output).isZero();
    return KeyStore.getInstance(store.toFile(), "changeit".toCharArray());
  }
}
