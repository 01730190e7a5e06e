package dev.latchkey.test.internal.database;

import dev.latchkey.test.BaoServer;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A database secrets engine of a real server, which creates and rotates users of a real database.
 */
public final class DatabaseSecrets {

  /** Shortest rotation period that the server allows. */
  public static final Duration SHORTEST_ROTATION_PERIOD = Duration.ofSeconds(5);

  private static final String CONNECTION = "postgres";

  private final BaoServer server;
  private final PostgresServer database;
  private final String namespace;
  private final String mount;

  private DatabaseSecrets(
      BaoServer server, PostgresServer database, String namespace, String mount) {
    this.server = server;
    this.database = database;
    this.namespace = namespace;
    this.mount = mount;
  }

  /** Mounts an engine at a new path, and configures the database in it. */
  public static DatabaseSecrets mount(BaoServer server, PostgresServer database) {
    return mountIn("", server, database);
  }

  /**
   * Mounts an engine in a namespace.
   *
   * @param namespace empty, or with a trailing slash; returned paths do not contain it
   */
  public static DatabaseSecrets mountIn(
      String namespace, BaoServer server, PostgresServer database) {
    String mount = server.newName("database");
    server.post(namespace + "sys/mounts/" + mount, Map.of("type", "database"));
    server.post(
        namespace + mount + "/config/" + CONNECTION,
        Map.of(
            "plugin_name", "postgresql-database-plugin",
            "allowed_roles", "*",
            "connection_url",
                "postgresql://{{username}}:{{password}}@127.0.0.1:%d/postgres?sslmode=disable"
                    .formatted(database.port()),
            "username", PostgresServer.SUPERUSER,
            "password", "unused"));
    return new DatabaseSecrets(server, database, namespace, mount);
  }

  public String mount() {
    return mount;
  }

  /**
   * Creates a role whose users may read the table until their lease expires. Then they are dropped,
   * and their open sessions can no longer read.
   *
   * @return path that returns a new user, such as {@code database1/creds/role2}
   */
  public String role(Duration ttl, Duration maxTtl) {
    String role = server.newName("role");
    server.post(
        namespace + mount + "/roles/" + role,
        Map.of(
            "db_name", CONNECTION,
            "creation_statements",
                List.of(
                    "CREATE ROLE \"{{name}}\" LOGIN PASSWORD '{{password}}' IN ROLE %s"
                        .formatted(PostgresServer.READERS)),
            "revocation_statements", List.of("DROP ROLE IF EXISTS \"{{name}}\""),
            "default_ttl", ttl.toSeconds(),
            "max_ttl", maxTtl.toSeconds()));
    return mount + "/creds/" + role;
  }

  /**
   * Creates a user whose password the server rotates.
   *
   * @param period rotation period, at least {@link #SHORTEST_ROTATION_PERIOD}
   * @return path of its password, such as {@code database1/static-creds/user2}
   */
  public String staticRole(Duration period) {
    String user = mount + server.newName("user");
    database.execute("CREATE ROLE %s LOGIN IN ROLE %s".formatted(user, PostgresServer.READERS));
    server.post(
        namespace + mount + "/static-roles/" + user,
        Map.of(
            "db_name",
            CONNECTION,
            "username",
            user,
            "rotation_statements",
            List.of("ALTER ROLE \"{{name}}\" PASSWORD '{{password}}'"),
            "rotation_period",
            period.toSeconds()));
    return mount + "/static-creds/" + user;
  }

  /** The current leases of a role. */
  public List<String> leases(String path) {
    HttpResponse<String> answer =
        server.exchange(
            server.rootToken(),
            "GET",
            namespace + "sys/leases/lookup/" + path + "?list=true",
            null);
    if (answer.statusCode() == 404) {
      return List.of();
    }
    return StreamSupport.stream(
            JsonMapper.shared().readTree(answer.body()).at("/data/keys").spliterator(), false)
        .map(JsonNode::stringValue)
        .toList();
  }

  /**
   * Rotates the password of a static role now.
   *
   * @param path path of the password
   */
  public void rotate(String path) {
    server.post(namespace + path.replace("/static-creds/", "/rotate-role/"), Map.of());
  }
}
