package dev.latchkey.vault.internal.client;

import dev.latchkey.test.BaoServer;
import dev.latchkey.vault.internal.login.GivenTokenAuthentication;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.function.Function;
import org.springframework.vault.authentication.AppRoleAuthentication;
import org.springframework.vault.authentication.AppRoleAuthenticationOptions;
import org.springframework.vault.authentication.AppRoleAuthenticationOptions.RoleId;
import org.springframework.vault.authentication.AppRoleAuthenticationOptions.SecretId;
import org.springframework.vault.authentication.ClientAuthentication;
import org.springframework.web.client.RestOperations;

/** Connections for tests. */
public final class VaultTestConnection {

  private VaultTestConnection() {}

  public static VaultConnection root(BaoServer server) {
    return to(server.uri(), server.rootToken());
  }

  public static VaultConnection to(URI uri, String token) {
    return VaultConnection.to(settings(uri), login -> GivenTokenAuthentication.of(token));
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
        Patience.NONE);
  }

  /** A role of its own for an AppRole login, at an engine that is mounted on first need. */
  public static AppRole appRole(BaoServer server, String policy) {
    return appRole(server, policy, "1h");
  }

  /** The same, for tokens that live no longer than this. */
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
