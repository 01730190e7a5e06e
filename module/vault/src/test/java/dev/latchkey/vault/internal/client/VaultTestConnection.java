package dev.latchkey.vault.internal.client;

import dev.latchkey.test.BaoServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.function.Function;
import org.springframework.vault.authentication.AppRoleAuthentication;
import org.springframework.vault.authentication.AppRoleAuthenticationOptions;
import org.springframework.vault.authentication.AppRoleAuthenticationOptions.RoleId;
import org.springframework.vault.authentication.AppRoleAuthenticationOptions.SecretId;
import org.springframework.vault.authentication.ClientAuthentication;
import org.springframework.vault.authentication.TokenAuthentication;
import org.springframework.vault.support.VaultToken;
import org.springframework.web.client.RestOperations;

/** Connections for tests. */
public final class VaultTestConnection {

  private VaultTestConnection() {}

  public static VaultConnection root(BaoServer server) {
    return to(server.uri(), server.rootToken());
  }

  /** A connection of an application that has started. */
  public static VaultConnection to(URI uri, String token) {
    VaultConnection connection = VaultConnection.to(settings(uri), token(token));
    connection.startupIsOver();
    return connection;
  }

  public static Function<RestOperations, ClientAuthentication> token(String token) {
    return login -> new TokenAuthentication(token);
  }

  /** Reads the token from the file at each login. */
  public static Function<RestOperations, ClientAuthentication> tokenFile(Path file) {
    return login -> () -> VaultToken.of(read(file));
  }

  private static String read(Path file) {
    try {
      return Files.readString(file).strip();
    } catch (IOException ex) {
      throw new UncheckedIOException(ex);
    }
  }

  public static VaultSettings settings(URI uri) {
    return settings(uri, Duration.ofMinutes(10));
  }

  public static VaultSettings settings(URI uri, Duration proofInterval) {
    return settings(uri, proofInterval, proofInterval.dividedBy(10));
  }

  public static VaultSettings settings(URI uri, Duration proofInterval, Duration proofRetry) {
    return new VaultSettings(
        uri.toString(),
        false,
        null,
        null,
        Duration.ofSeconds(2),
        Duration.ofSeconds(3),
        proofInterval,
        proofRetry,
        null);
  }

  /** A new AppRole, at an auth method that is enabled if necessary. */
  public static AppRole appRole(BaoServer server, String policy) {
    return appRole(server, policy, "1h");
  }

  /** A new AppRole whose tokens have this maximum TTL. */
  public static AppRole appRole(BaoServer server, String policy, String longest) {
    if (!server.get("sys/auth").has("approle/")) {
      server.post("sys/auth/approle", Map.of("type", "approle"));
    }
    String role = "auth/approle/role/" + server.newName("role");
    server.post(
        role,
        Map.of(
            "token_policies",
            server.policy(policy),
            "token_ttl",
            longest,
            "token_max_ttl",
            longest));
    return new AppRole(
        server.get(role + "/role-id").at("/data/role_id").stringValue(),
        server.post(role + "/secret-id", Map.of()).at("/data/secret_id").stringValue());
  }

  public record AppRole(String roleId, String secretId)
      implements Function<RestOperations, ClientAuthentication> {

    @Override
    public ClientAuthentication apply(RestOperations login) {
      return new AppRoleAuthentication(
          AppRoleAuthenticationOptions.builder()
              .roleId(RoleId.provided(roleId))
              .secretId(SecretId.provided(secretId))
              .build(),
          login);
    }
  }
}
