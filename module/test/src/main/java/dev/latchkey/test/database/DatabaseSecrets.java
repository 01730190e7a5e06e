package dev.latchkey.test.database;

import dev.latchkey.test.BaoServer;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A database engine of a real server, which makes users of a real database and changes them. */
public final class DatabaseSecrets {

  /** The least that the server allows between two of its own rotations of a password. */
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

  /** Mounts an engine under a new name, and gives it this database. */
  public static DatabaseSecrets mount(BaoServer server, PostgresServer database) {
    return mountIn("", server, database);
  }

  /**
   * The same in a namespace.
   *
   * @param namespace empty, or with a slash at its end; it is no part of the paths that this gives
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
   * Makes a role whose users may read the table until their lease ends; then they are dropped, and
   * their open sessions can read no more.
   *
   * @return where a new user is read, such as {@code database1/creds/role2}
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
   * Makes a user whose password the server changes.
   *
   * @param period how often, at least {@link #SHORTEST_ROTATION_PERIOD}
   * @return where its password is read, such as {@code database1/static-creds/user2}
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

  /** The leases of a role that have not ended. */
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
   * Changes a static role's password at once.
   *
   * @param path where it is read
   */
  public void rotate(String path) {
    server.post(namespace + path.replace("/static-creds/", "/rotate-role/"), Map.of());
  }
}
