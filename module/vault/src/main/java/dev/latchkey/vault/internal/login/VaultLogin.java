package dev.latchkey.vault.internal.login;

import static dev.latchkey.vault.internal.login.VaultLoginProperties.PREFIX;

import dev.latchkey.LatchkeyException;
import dev.latchkey.store.StoreContext;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.PropertyMapper;
import org.springframework.util.StringUtils;
import org.springframework.vault.authentication.AppRoleAuthentication;
import org.springframework.vault.authentication.AppRoleAuthenticationOptions;
import org.springframework.vault.authentication.AppRoleAuthenticationOptions.AppRoleAuthenticationOptionsBuilder;
import org.springframework.vault.authentication.AppRoleAuthenticationOptions.RoleId;
import org.springframework.vault.authentication.AppRoleAuthenticationOptions.SecretId;
import org.springframework.vault.authentication.ClientAuthentication;
import org.springframework.vault.authentication.ClientCertificateAuthentication;
import org.springframework.vault.authentication.ClientCertificateAuthenticationOptions;
import org.springframework.vault.authentication.ClientCertificateAuthenticationOptions.ClientCertificateAuthenticationOptionsBuilder;
import org.springframework.vault.authentication.CubbyholeAuthentication;
import org.springframework.vault.authentication.CubbyholeAuthenticationOptions;
import org.springframework.vault.authentication.GitHubAuthentication;
import org.springframework.vault.authentication.GitHubAuthenticationOptions;
import org.springframework.vault.authentication.JwtAuthentication;
import org.springframework.vault.authentication.JwtAuthenticationOptions;
import org.springframework.vault.authentication.JwtAuthenticationOptions.JwtAuthenticationOptionsBuilder;
import org.springframework.vault.authentication.KubernetesAuthentication;
import org.springframework.vault.authentication.KubernetesAuthenticationOptions;
import org.springframework.vault.authentication.UsernamePasswordAuthentication;
import org.springframework.vault.authentication.UsernamePasswordAuthenticationOptions;
import org.springframework.vault.support.VaultToken;
import org.springframework.web.client.RestOperations;

/**
 * Creates the login that the properties configure, and names the property that is missing.
 * Credentials are read at each login: Spring Vault's options that hold a fixed token are therefore
 * built per login.
 */
public final class VaultLogin implements Function<RestOperations, ClientAuthentication> {

  private final VaultLoginProperties properties;
  private final @Nullable String sslBundle;
  private final Credentials credentials;
  private final RequiredInput required;

  /**
   * Creates the login of an application.
   *
   * @param sslBundle name of the SSL bundle of the connection, or null
   */
  public VaultLogin(StoreContext context, @Nullable String sslBundle) {
    this.properties = context.bind(PREFIX, VaultLoginProperties.class);
    this.sslBundle = sslBundle;
    this.credentials = new Credentials(new CredentialOrigins(context.environment()), properties);
    this.required = new RequiredInput(properties.authentication());
  }

  @Override
  public ClientAuthentication apply(RestOperations operations) {
    return switch (properties.authentication()) {
      case TOKEN -> token();
      case APPROLE -> appRole(operations);
      case CERT -> certificate(operations);
      case CUBBYHOLE -> cubbyhole(operations);
      case GITHUB -> gitHub(operations);
      case JWT -> jwt(operations);
      case KUBERNETES -> kubernetes(operations);
      case USERPASS -> userpass(operations);
      case AWS_EC2, AWS_IAM, AZURE_MSI, GCP_GCE, GCP_IAM, PCF -> {
        if (StringUtils.hasText(properties.gcpIam().credentials().encodedKey())) {
          credentials.check("gcp-iam.credentials.encoded-key", "gcp-iam.credentials.location");
        }
        yield new VaultPlatformLogin(properties).apply(operations);
      }
    };
  }

  private ClientAuthentication token() {
    Credential token = credentials.token();
    if (token == null) {
      throw new LatchkeyException(
          "No token is configured for the login to Vault",
          "Set latchkey.vault.token-file to a file that contains a token, set the environment"
              + " variable LATCHKEY_VAULT_TOKEN, or select another method with"
              + " latchkey.vault.authentication.");
    }
    return () -> VaultToken.of(token.get());
  }

  /** With {@code app-role.role}, Vault provides the IDs that are not configured. */
  private ClientAuthentication appRole(RestOperations operations) {
    VaultLoginProperties.AppRole appRole = properties.appRole();
    Credential configured =
        credentials.find(
            "app-role.secret-id", appRole.secretId(), appRole.secretIdFile(), "secret id");
    boolean hasRole = StringUtils.hasText(appRole.role());
    if (hasRole && (configured == null || !StringUtils.hasText(appRole.roleId()))) {
      return pulledAppRole(appRole, configured, operations);
    }
    String roleId = required.value("app-role.role-id", appRole.roleId(), "the ID of the role");
    Credential wrapping = configured == null ? credentials.wrappingToken() : null;
    Supplier<String> secretId =
        wrapping == null ? configured : new WrappedSecretId(wrapping, operations);
    return () ->
        logIn(
            AppRoleAuthenticationOptions.builder()
                .path(appRole.appRolePath())
                .roleId(RoleId.provided(roleId))
                .secretId(secretId == null ? SecretId.absent() : SecretId.provided(secretId.get())),
            operations);
  }

  private ClientAuthentication pulledAppRole(
      VaultLoginProperties.AppRole appRole,
      @Nullable Credential secretId,
      RestOperations operations) {
    Credential token = credentials.token();
    if (token == null) {
      throw required.missing(
          PREFIX + ".token-file", "a token that may read the IDs of the role in app-role.role");
    }
    return () -> {
      VaultToken initial = VaultToken.of(token.get());
      return logIn(
          AppRoleAuthenticationOptions.builder()
              .path(appRole.appRolePath())
              .appRole(String.valueOf(appRole.role()))
              .roleId(
                  StringUtils.hasText(appRole.roleId())
                      ? RoleId.provided(appRole.roleId())
                      : RoleId.pull(initial))
              .secretId(
                  secretId == null ? SecretId.pull(initial) : SecretId.provided(secretId.get())),
          operations);
    };
  }

  private static VaultToken logIn(
      AppRoleAuthenticationOptionsBuilder options, RestOperations operations) {
    return new AppRoleAuthentication(options.build(), operations).login();
  }

  private ClientAuthentication certificate(RestOperations operations) {
    if (!StringUtils.hasText(sslBundle)) {
      throw required.missing(
          PREFIX + ".ssl.bundle", "the SSL bundle that contains the certificate and its key");
    }
    ClientCertificateAuthenticationOptionsBuilder options =
        ClientCertificateAuthenticationOptions.builder().path(properties.cert().certPath());
    PropertyMapper.get().from(properties.cert().role()).whenHasText().to(options::role);
    return new ClientCertificateAuthentication(options.build(), operations);
  }

  private ClientAuthentication cubbyhole(RestOperations operations) {
    Credential wrapping = credentials.wrappingToken();
    if (wrapping == null) {
      throw required.missing(PREFIX + ".token-file", "the token that wraps the login token");
    }
    return () ->
        new CubbyholeAuthentication(
                CubbyholeAuthenticationOptions.builder()
                    .wrapped()
                    .initialToken(VaultToken.of(wrapping.get()))
                    .build(),
                operations)
            .login();
  }

  private ClientAuthentication gitHub(RestOperations operations) {
    VaultLoginProperties.Github gitHub = properties.github();
    return new GitHubAuthentication(
        GitHubAuthenticationOptions.builder()
            .path(gitHub.githubPath())
            .tokenSupplier(
                credentials.require(
                    "github.token", gitHub.token(), gitHub.tokenFile(), "GitHub token"))
            .build(),
        operations);
  }

  private ClientAuthentication jwt(RestOperations operations) {
    VaultLoginProperties.Jwt jwt = properties.jwt();
    JwtAuthenticationOptionsBuilder options =
        JwtAuthenticationOptions.builder()
            .path(jwt.jwtPath())
            .jwtSupplier(credentials.require("jwt.token", jwt.token(), jwt.tokenFile(), "JWT"));
    PropertyMapper.get().from(jwt.role()).whenHasText().to(options::role);
    return new JwtAuthentication(options.build(), operations);
  }

  private ClientAuthentication kubernetes(RestOperations operations) {
    VaultLoginProperties.Kubernetes kubernetes = properties.kubernetes();
    return new KubernetesAuthentication(
        KubernetesAuthenticationOptions.builder()
            .path(kubernetes.kubernetesPath())
            .role(required.value("kubernetes.role", kubernetes.role(), "the name of the role"))
            .jwtSupplier(
                Credentials.inFile(
                        PREFIX + ".kubernetes.service-account-token-file",
                        kubernetes.serviceAccountTokenFile(),
                        "service account token")
                    ::get)
            .build(),
        operations);
  }

  private ClientAuthentication userpass(RestOperations operations) {
    VaultLoginProperties.Userpass userpass = properties.userpass();
    String password =
        required.value("userpass.password", userpass.password(), "the user's password");
    credentials.check("userpass.password", null);
    return new UsernamePasswordAuthentication(
        UsernamePasswordAuthenticationOptions.builder()
            .path(userpass.userpassPath())
            .username(required.value("userpass.username", userpass.username(), "the username"))
            .password(password)
            .build(),
        operations);
  }
}
