package dev.latchkey.leaks;

import dev.latchkey.test.BaoServer;
import dev.latchkey.test.internal.database.DatabaseSecrets;
import dev.latchkey.test.internal.database.PostgresServer;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A server and a database with all that an application can use, and the troubles they can make. */
final class Stage implements AutoCloseable {

  private static final Duration HOUR = Duration.ofHours(1);
  private static final String ROLE = "auth/approle/role/shop";

  private final BaoServer server;
  private final PostgresServer database = PostgresServer.shared();
  private final DatabaseSecrets engine;
  private final String mount;
  private final String transit;
  private final String leased;
  private final String lent;
  private final String changed;

  private Stage(BaoServer server) {
    this.server = server;
    this.engine = DatabaseSecrets.mount(server, database);
    this.mount = server.mountKv(2);
    this.transit = server.mountTransit();
    this.leased = engine.role(Duration.ofSeconds(2), Duration.ofSeconds(6));
    this.lent = engine.role(Duration.ofSeconds(2), HOUR);
    this.changed = engine.staticRole(HOUR);
    server.post("sys/auth/approle", Map.of("type", "approle"));
    server.post("sys/auth/userpass", Map.of("type", "userpass"));
    server.post(
        ROLE,
        Map.of(
            "token_policies",
            server.policy("path \"*\" { capabilities = [\"create\", \"read\", \"update\"] }")));
  }

  static Stage start() {
    return new Stage(BaoServer.start());
  }

  String mount() {
    return mount;
  }

  void write(String path, String field, String value) {
    server.post(mount + "/data/" + path, Map.of("data", Map.of(field, value)));
  }

  void rotateStaticRole() {
    engine.rotate(changed);
  }

  void changePasswordBehindItsBack() {
    database.execute("ALTER ROLE %s PASSWORD 'another'".formatted(changed.replaceFirst(".*/", "")));
  }

  /** Ends every login of the application, as somebody would who revokes it. */
  void endLogins() {
    JsonNode accessors =
        JsonMapper.shared()
            .readTree(
                server.exchange(server.rootToken(), "LIST", "auth/token/accessors", null).body())
            .at("/data/keys");
    for (JsonNode accessor : accessors) {
      Map<String, String> body = Map.of("accessor", accessor.stringValue());
      if (server
          .post("auth/token/lookup-accessor", body)
          .at("/data/path")
          .stringValue()
          .equals("auth/approle/login")) {
        server.post("auth/token/revoke-accessor", body);
      }
    }
  }

  void pause() {
    server.pause();
  }

  void resume() {
    server.resume();
  }

  void seal() {
    server.seal();
  }

  void unseal() {
    server.unseal();
  }

  /** Those of an application that uses everything and shows all that it may. */
  Map<String, Object> properties(Canaries canaries) {
    canaries.add("root token", server.rootToken());
    write("db", "x", canaries.plant("looked up"));
    write("imported", "x", canaries.plant("imported"));
    write("payments", "x", canaries.plant("payments"));
    String secretId = canaries.plant("secret id");
    server.post(ROLE + "/custom-secret-id", Map.of("secret_id", secretId));

    Map<String, Object> properties = new TreeMap<>();
    properties.put("spring.config.location", "optional:classpath:/none/");
    properties.put("spring.application.name", "shop");
    properties.put("server.port", "0");
    properties.put("latchkey.vault.uri", server.uri().toString());
    properties.put("latchkey.vault.read-timeout", "1s");
    properties.put("latchkey.vault.authentication", "approle");
    properties.put(
        "latchkey.vault.app-role.role-id",
        server.get(ROLE + "/role-id").at("/data/role_id").stringValue());
    properties.put("latchkey.vault.app-role.secret-id", secretId);
    properties.put("latchkey.store.vault.mount", mount);
    properties.put("latchkey.store.vault.transit-mount", transit);
    properties.put("latchkey.refresh.interval", "300ms");
    properties.put("latchkey.keysets.orders.template", "AES256_GCM");
    secret(properties, "payments", mount + "/payments");
    secret(properties, "orders-db", leased);
    secret(properties, "reports-db", changed);
    properties.put("spring.datasource.url", database.url());
    properties.put("spring.datasource.hikari.connection-timeout", "1000");
    properties.put("spring.datasource.hikari.maximum-pool-size", "2");
    properties.put("spring.datasource.hikari.register-mbeans", "true");
    properties.put("latchkey.datasource.secret", "orders-db");
    properties.put("latchkey.datasource.drain", "1s");
    properties.put("latchkey.datasources.reports.secret", "reports-db");
    properties.put("app.reference", "${vault@%s/db#x}".formatted(mount));
    properties.put("app.lent", "${vault@%s#password}".formatted(lent));
    properties.put("app.generated", "${vault@%s/made?generate=32#x}".formatted(mount));
    properties.put("app.indirect", "<${app.reference}|${app.imported.x}>");
    properties.put("app.bound.password", "${app.reference}");
    properties.put("app.bound.payments", "vault@%s/payments".formatted(mount));
    properties.put("app.bound.database", "orders-db");
    properties.put(
        "spring.config.import", "latchkey:%s/imported?prefix=app.imported.".formatted(mount));
    showAll(properties);
    return properties;
  }

  private static void secret(Map<String, Object> properties, String name, String path) {
    properties.put("latchkey.secrets.%s.reference".formatted(name), "vault@" + path);
  }

  private static void showAll(Map<String, Object> properties) {
    properties.put("logging.level.root", "TRACE");
    properties.put("spring.jmx.enabled", "true");
    properties.put("spring.web.error.include-message", "always");
    properties.put("spring.web.error.include-stacktrace", "always");
    properties.put("management.endpoints.access.default", "read-only");
    properties.put("management.endpoint.rotation.access", "unrestricted");
    properties.put("management.endpoints.web.exposure.include", "*");
    properties.put("management.endpoints.jmx.exposure.include", "*");
    properties.put("management.endpoint.env.show-values", "always");
    properties.put("management.endpoint.configprops.show-values", "always");
    properties.put("management.endpoint.health.show-details", "always");
  }

  @Override
  public void close() {
    server.close();
  }
}
