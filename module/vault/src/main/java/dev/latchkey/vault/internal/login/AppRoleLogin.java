package dev.latchkey.vault.internal.login;

import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.vault.authentication.AppRoleAuthentication;
import org.springframework.vault.authentication.AppRoleAuthenticationOptions;
import org.springframework.vault.authentication.AppRoleAuthenticationOptions.RoleId;
import org.springframework.vault.authentication.AppRoleAuthenticationOptions.SecretId;
import org.springframework.vault.authentication.ClientAuthentication;
import org.springframework.vault.support.VaultToken;
import org.springframework.web.client.RestOperations;

/**
 * Logs in with a role id and the secret id as it is at the time of each login.
 *
 * @param path where the method is mounted, such as {@code approle}
 * @param roleId the role's id
 * @param secretId gives the secret id, or null where the role is not bound to one
 * @param operations what to log in with
 * @since 0.1
 */
public record AppRoleLogin(
    String path, String roleId, @Nullable Supplier<String> secretId, RestOperations operations)
    implements ClientAuthentication {

  @Override
  public VaultToken login() {
    AppRoleAuthenticationOptions options =
        AppRoleAuthenticationOptions.builder()
            .path(path)
            .roleId(RoleId.provided(roleId))
            .secretId(secretId == null ? SecretId.absent() : SecretId.provided(secretId.get()))
            .build();
    return new AppRoleAuthentication(options, operations).login();
  }

  @Override
  public String toString() {
    return "AppRoleLogin[path=%s]".formatted(path);
  }
}
