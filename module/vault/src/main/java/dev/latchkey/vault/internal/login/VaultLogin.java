package dev.latchkey.vault.internal.login;

import static dev.latchkey.vault.internal.login.VaultLoginProperties.PREFIX;

import dev.latchkey.LatchkeyException;
import dev.latchkey.store.StoreContext;
import java.nio.file.Path;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.util.StringUtils;
import org.springframework.vault.authentication.AppRoleAuthentication;
import org.springframework.vault.authentication.AppRoleAuthenticationOptions;
import org.springframework.vault.authentication.AppRoleAuthenticationOptions.RoleId;
import org.springframework.vault.authentication.AppRoleAuthenticationOptions.SecretId;
import org.springframework.vault.authentication.ClientAuthentication;
import org.springframework.vault.authentication.ClientCertificateAuthentication;
import org.springframework.vault.authentication.ClientCertificateAuthenticationOptions;
import org.springframework.vault.authentication.CubbyholeAuthentication;
import org.springframework.vault.authentication.CubbyholeAuthenticationOptions;
import org.springframework.vault.authentication.GitHubAuthentication;
import org.springframework.vault.authentication.GitHubAuthenticationOptions;
import org.springframework.vault.authentication.JwtAuthentication;
import org.springframework.vault.authentication.JwtAuthenticationOptions;
import org.springframework.vault.authentication.KubernetesAuthentication;
import org.springframework.vault.authentication.KubernetesAuthenticationOptions;
import org.springframework.vault.authentication.UsernamePasswordAuthentication;
import org.springframework.vault.authentication.UsernamePasswordAuthenticationOptions;
import org.springframework.vault.support.VaultToken;
import org.springframework.web.client.RestOperations;

/**
 * Makes what logs in to Vault from the properties, and says which of them is missing. Credentials
 * are read when they are needed, at each login.
 */
public final class VaultLogin implements Function<RestOperations, ClientAuthentication> {

  private final ConfigurableEnvironment environment;
  private final @Nullable String sslBundle;
  private final VaultLoginProperties properties;

  /**
   * @param sslBundle name of the SSL bundle that the connection uses, or null
   */
  public VaultLogin(StoreContext context, @Nullable String sslBundle) {
    this.environment = context.environment();
    this.sslBundle = sslBundle;
    this.properties = context.bind(PREFIX, VaultLoginProperties.class);
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
        checkPlatformCredentials();
        yield new VaultPlatformLogin(properties).apply(operations);
      }
    };
  }

  private ClientAuthentication token() {
    String file = properties.tokenFile();
    GivenCredential token = initialToken(true);
    if (token == null) {
      throw new LatchkeyException(
          "There is no token to log in to Vault with",
          "Set latchkey.vault.token-file to a file that holds one, or the environment variable"
              + " LATCHKEY_VAULT_TOKEN; or log in otherwise, as latchkey.vault.authentication"
              + " says.");
    }
    return StringUtils.hasText(file)
        ? GivenTokenAuthentication.inFile(Path.of(file))
        : GivenTokenAuthentication.of(token.get());
  }

  private ClientAuthentication appRole(RestOperations operations) {
    VaultLoginProperties.AppRole appRole = properties.appRole();
    GivenCredential secretId =
        credential("app-role.secret-id", appRole.secretId(), appRole.secretIdFile(), "secret id");
    if (StringUtils.hasText(appRole.role()) && !StringUtils.hasText(appRole.roleId())
        || StringUtils.hasText(appRole.role()) && secretId == null) {
      return pulledAppRole(appRole, secretId, operations);
    }
    String roleId = required("app-role.role-id", appRole.roleId(), "the role's id");
    GivenCredential wrapping = secretId == null ? initialToken(false) : null;
    Supplier<String> given =
        wrapping == null ? secretId : new WrappedSecretId(wrapping, operations);
    return new AppRoleLogin(appRole.appRolePath(), roleId, given, operations);
  }

  /** The ids that are not given are fetched at each login, with a token that may do just that. */
  private ClientAuthentication pulledAppRole(
      VaultLoginProperties.AppRole appRole,
      @Nullable GivenCredential secretId,
      RestOperations operations) {
    GivenCredential token = initialToken(true);
    if (token == null) {
      throw missing(
          PREFIX + ".token-file",
          "a token that may fetch the ids of the role that app-role.role names");
    }
    return () -> {
      VaultToken initial = VaultToken.of(token.get());
      return new AppRoleAuthentication(
              AppRoleAuthenticationOptions.builder()
                  .path(appRole.appRolePath())
                  .appRole(String.valueOf(appRole.role()))
                  .roleId(
                      StringUtils.hasText(appRole.roleId())
                          ? RoleId.provided(appRole.roleId())
                          : RoleId.pull(initial))
                  .secretId(
                      secretId == null ? SecretId.pull(initial) : SecretId.provided(secretId.get()))
                  .build(),
              operations)
          .login();
    };
  }

  private ClientAuthentication certificate(RestOperations operations) {
    if (!StringUtils.hasText(sslBundle)) {
      throw missing(
          PREFIX + ".ssl.bundle", "the SSL bundle that holds the certificate and its key");
    }
    ClientCertificateAuthenticationOptions.ClientCertificateAuthenticationOptionsBuilder options =
        ClientCertificateAuthenticationOptions.builder().path(properties.cert().certPath());
    if (StringUtils.hasText(properties.cert().role())) {
      options.role(properties.cert().role());
    }
    return new ClientCertificateAuthentication(options.build(), operations);
  }

  private ClientAuthentication cubbyhole(RestOperations operations) {
    GivenCredential wrapping = initialToken(false);
    if (wrapping == null) {
      throw missing(PREFIX + ".token-file", "the token that wraps the one to log in with");
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
    GivenCredential token =
        required("github.token", gitHub.token(), gitHub.tokenFile(), "token of GitHub");
    return new GitHubAuthentication(
        GitHubAuthenticationOptions.builder()
            .path(gitHub.githubPath())
            .tokenSupplier(token)
            .build(),
        operations);
  }

  private ClientAuthentication jwt(RestOperations operations) {
    VaultLoginProperties.Jwt jwt = properties.jwt();
    JwtAuthenticationOptions.JwtAuthenticationOptionsBuilder options =
        JwtAuthenticationOptions.builder()
            .path(jwt.jwtPath())
            .jwtSupplier(required("jwt.token", jwt.token(), jwt.tokenFile(), "JWT"));
    if (StringUtils.hasText(jwt.role())) {
      options.role(jwt.role());
    }
    return new JwtAuthentication(options.build(), operations);
  }

  private ClientAuthentication kubernetes(RestOperations operations) {
    VaultLoginProperties.Kubernetes kubernetes = properties.kubernetes();
    String property = PREFIX + ".kubernetes.service-account-token-file";
    GivenCredential token =
        GivenCredential.inFile(
            path(property, kubernetes.serviceAccountTokenFile()),
            "service account token",
            property);
    return new KubernetesAuthentication(
        KubernetesAuthenticationOptions.builder()
            .path(kubernetes.kubernetesPath())
            .role(required("kubernetes.role", kubernetes.role(), "the role to log in to"))
            .jwtSupplier(token::get)
            .build(),
        operations);
  }

  private ClientAuthentication userpass(RestOperations operations) {
    VaultLoginProperties.Userpass userpass = properties.userpass();
    String password = required("userpass.password", userpass.password(), "the user's password");
    check("userpass.password", null);
    return new UsernamePasswordAuthentication(
        UsernamePasswordAuthenticationOptions.builder()
            .path(userpass.userpassPath())
            .username(required("userpass.username", userpass.username(), "the user's name"))
            .password(password)
            .build(),
        operations);
  }

  private void checkPlatformCredentials() {
    if (StringUtils.hasText(properties.gcpIam().credentials().encodedKey())) {
      check("gcp-iam.credentials.encoded-key", "gcp-iam.credentials.location");
    }
  }

  /**
   * What {@code latchkey.vault.token} or {@code token-file} gives, or null.
   *
   * @param lasting whether it can be used again and again, so that nobody else may see it
   */
  private @Nullable GivenCredential initialToken(boolean lasting) {
    if (lasting) {
      return credential("token", properties.token(), properties.tokenFile(), "token");
    }
    return unchecked("token", properties.token(), properties.tokenFile(), "wrapping token");
  }

  private GivenCredential required(
      String name, @Nullable String text, @Nullable String file, String kind) {
    GivenCredential credential = credential(name, text, file, kind);
    if (credential == null) {
      throw missing("%s.%s-file".formatted(PREFIX, name), "a file that holds the " + kind);
    }
    return credential;
  }

  /** A credential that stands in a property or in a file; null if neither is set. */
  private @Nullable GivenCredential credential(
      String name, @Nullable String text, @Nullable String file, String kind) {
    GivenCredential credential = unchecked(name, text, file, kind);
    if (credential != null && StringUtils.hasText(text)) {
      check(name, name + "-file");
    }
    return credential;
  }

  private static @Nullable GivenCredential unchecked(
      String name, @Nullable String text, @Nullable String file, String kind) {
    String property = PREFIX + "." + name;
    if (StringUtils.hasText(text) && StringUtils.hasText(file)) {
      throw new LatchkeyException(
          "Both %1$s and %1$s-file are set".formatted(property),
          "Keep one of them, better the file.");
    }
    if (StringUtils.hasText(file)) {
      return GivenCredential.inFile(path(property + "-file", file), kind, property + "-file");
    }
    return StringUtils.hasText(text) ? GivenCredential.of(text, kind, property) : null;
  }

  private void check(String name, @Nullable String fileName) {
    new CredentialOrigins(environment)
        .check(
            PREFIX + "." + name,
            fileName == null ? null : PREFIX + "." + fileName,
            properties.requireExternalCredentials());
  }

  private static Path path(String property, String file) {
    return LoginInput.path(property, file);
  }

  private String required(String name, @Nullable String value, String what) {
    return LoginInput.required(properties.authentication(), name, value, what);
  }

  private LatchkeyException missing(String property, String what) {
    return LoginInput.missing(properties.authentication(), property, what);
  }
}
