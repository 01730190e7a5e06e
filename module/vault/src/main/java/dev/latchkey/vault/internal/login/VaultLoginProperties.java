package dev.latchkey.vault.internal.login;

import java.net.URI;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Login to Vault. The properties of each method have the names of Spring Cloud Vault.
 *
 * @param authentication Authentication method.
 * @param token Token, preferably set in the environment or with 'token-file'. For 'cubbyhole', and
 *     for 'approle' without a secret ID, the wrapping token.
 * @param tokenFile File that contains the token. Read at every login, so that Vault Agent can
 *     replace it.
 * @param requireExternalCredentials Whether to reject credentials in a configuration file or on the
 *     command line, instead of logging a warning.
 * @param appRole Login with an AppRole.
 * @param awsEc2 Login as an EC2 instance.
 * @param awsIam Login with an AWS identity.
 * @param azureMsi Login with an Azure managed identity.
 * @param cert Login with the TLS certificate of 'latchkey.vault.ssl.bundle'.
 * @param gcpGce Login as a Compute Engine instance.
 * @param gcpIam Login with a Google Cloud service account.
 * @param github Login with a GitHub token.
 * @param jwt Login with a JWT.
 * @param kubernetes Login with a Kubernetes service account.
 * @param pcf Login as a Cloud Foundry instance.
 * @param userpass Login with a username and password.
 */
@ConfigurationProperties(VaultLoginProperties.PREFIX)
record VaultLoginProperties(
    @DefaultValue("token") Authentication authentication,
    @Nullable String token,
    @Nullable String tokenFile,
    @DefaultValue("false") boolean requireExternalCredentials,
    @DefaultValue AppRole appRole,
    @DefaultValue AwsEc2 awsEc2,
    @DefaultValue AwsIam awsIam,
    @DefaultValue AzureMsi azureMsi,
    @DefaultValue Cert cert,
    @DefaultValue GcpGce gcpGce,
    @DefaultValue GcpIam gcpIam,
    @DefaultValue Github github,
    @DefaultValue Jwt jwt,
    @DefaultValue Kubernetes kubernetes,
    @DefaultValue Pcf pcf,
    @DefaultValue Userpass userpass) {

  static final String PREFIX = "latchkey.vault";

  /** Authentication method. */
  enum Authentication {

    /** Role ID and secret ID, which can be wrapped or in a file. */
    APPROLE,

    /** Identity document of an EC2 instance. */
    AWS_EC2,

    /** Signed request of an AWS identity. Requires software.amazon.awssdk:auth. */
    AWS_IAM,

    /** Azure managed identity. */
    AZURE_MSI,

    /** TLS certificate of the SSL bundle. */
    CERT,

    /** Token wrapped in another token. */
    CUBBYHOLE,

    /** Identity of a Compute Engine instance. */
    GCP_GCE,

    /** JWT signed by Google Cloud. Requires com.google.cloud:google-cloud-iamcredentials. */
    GCP_IAM,

    /** GitHub token. */
    GITHUB,

    /** JWT, for example of a CI system. */
    JWT,

    /** Token of a Kubernetes service account. */
    KUBERNETES,

    /** Certificate of a Cloud Foundry instance. Requires Bouncy Castle. */
    PCF,

    /** Token in a property or in a file. */
    TOKEN,

    /** Username and password. */
    USERPASS
  }

  /**
   * Login with an AppRole.
   *
   * @param role Name of the role, to read the IDs that are not set with the token of
   *     'latchkey.vault.token' or 'token-file'.
   * @param roleId Role ID.
   * @param secretId Secret ID, preferably set in the environment or with 'secret-id-file'.
   * @param secretIdFile File that contains the secret ID. Read at every login.
   * @param appRolePath Mount of the auth method.
   */
  record AppRole(
      @Nullable String roleId,
      @Nullable String secretId,
      @Nullable String secretIdFile,
      @Nullable String role,
      @DefaultValue("approle") String appRolePath) {

    @Override
    public String toString() {
      return "AppRole[appRolePath=%s]".formatted(appRolePath);
    }
  }

  /**
   * Login as an EC2 instance.
   *
   * @param role Role. By default, Vault uses the AMI ID.
   * @param nonce Nonce of the first login, for an instance that logs in again after a restart.
   * @param identityDocument Address of the identity document.
   * @param awsEc2Path Mount of the auth method.
   */
  record AwsEc2(
      @Nullable String role,
      @Nullable String nonce,
      @DefaultValue("http://169.254.169.254/latest/dynamic/instance-identity/pkcs7")
          URI identityDocument,
      @DefaultValue("aws-ec2") String awsEc2Path) {

    @Override
    public String toString() {
      return "AwsEc2[role=%s, awsEc2Path=%s]".formatted(role, awsEc2Path);
    }
  }

  /**
   * Login with the AWS identity that the AWS SDK finds.
   *
   * @param role Role. By default, the name of the identity.
   * @param region Region of the signature. By default, the region that the AWS SDK finds.
   * @param serverName Value of the header X-Vault-AWS-IAM-Server-ID, if Vault requires it.
   * @param endpointUri Address of AWS STS. By default, the global endpoint.
   * @param awsPath Mount of the auth method.
   */
  record AwsIam(
      @Nullable String role,
      @Nullable String region,
      @Nullable String serverName,
      @Nullable URI endpointUri,
      @DefaultValue("aws") String awsPath) {}

  /**
   * Login with an Azure managed identity.
   *
   * @param role Role.
   * @param metadataService Address of Azure's instance metadata service.
   * @param identityTokenService Address of Azure's identity token service.
   * @param azurePath Mount of the auth method.
   */
  record AzureMsi(
      @Nullable String role,
      @DefaultValue("http://169.254.169.254/metadata/instance?api-version=2017-12-01")
          URI metadataService,
      @DefaultValue(
              "http://169.254.169.254/metadata/identity/oauth2/token?resource=https://vault.hashicorp.com&api-version=2018-02-01")
          URI identityTokenService,
      @DefaultValue("azure") String azurePath) {}

  /**
   * Login with a TLS certificate.
   *
   * @param role Role. By default, Vault uses the role that trusts the certificate.
   * @param certPath Mount of the auth method.
   */
  record Cert(@Nullable String role, @DefaultValue("cert") String certPath) {}

  /**
   * Login as a Compute Engine instance.
   *
   * @param role Role.
   * @param serviceAccount Service account of the instance.
   * @param gcpPath Mount of the auth method.
   */
  record GcpGce(
      @Nullable String role,
      @DefaultValue("default") String serviceAccount,
      @DefaultValue("gcp") String gcpPath) {}

  /**
   * Login with a Google Cloud service account.
   *
   * @param role Role.
   * @param serviceAccountId Service account, if it is not part of the credentials.
   * @param jwtValidity Validity of the signed JWT.
   * @param credentials Google Cloud credentials. By default, those of the environment.
   * @param gcpPath Mount of the auth method.
   */
  record GcpIam(
      @Nullable String role,
      @Nullable String serviceAccountId,
      @DefaultValue("15m") Duration jwtValidity,
      @DefaultValue GcpCredentials credentials,
      @DefaultValue("gcp") String gcpPath) {}

  /**
   * Google Cloud credentials.
   *
   * @param location Location of the JSON key, such as 'file:/run/secrets/google.json'.
   * @param encodedKey JSON key in Base64.
   */
  record GcpCredentials(@Nullable String location, @Nullable String encodedKey) {

    @Override
    public String toString() {
      return "GcpCredentials[location=%s]".formatted(location);
    }
  }

  /**
   * Login with a GitHub token.
   *
   * @param token Personal access token, preferably set in the environment or with 'token-file'.
   * @param tokenFile File that contains the token. Read at every login.
   * @param githubPath Mount of the auth method.
   */
  record Github(
      @Nullable String token,
      @Nullable String tokenFile,
      @DefaultValue("github") String githubPath) {

    @Override
    public String toString() {
      return "Github[githubPath=%s]".formatted(githubPath);
    }
  }

  /**
   * Login with a JWT.
   *
   * @param role Role. By default, the default role of the auth method.
   * @param token JWT, preferably set in the environment or with 'token-file'.
   * @param tokenFile File that contains the JWT. Read at every login.
   * @param jwtPath Mount of the auth method.
   */
  record Jwt(
      @Nullable String role,
      @Nullable String token,
      @Nullable String tokenFile,
      @DefaultValue("jwt") String jwtPath) {

    @Override
    public String toString() {
      return "Jwt[role=%s, jwtPath=%s]".formatted(role, jwtPath);
    }
  }

  /**
   * Login with a Kubernetes service account.
   *
   * @param role Role.
   * @param serviceAccountTokenFile File that contains the token. Read at every login.
   * @param kubernetesPath Mount of the auth method.
   */
  record Kubernetes(
      @Nullable String role,
      @DefaultValue("/var/run/secrets/kubernetes.io/serviceaccount/token")
          String serviceAccountTokenFile,
      @DefaultValue("kubernetes") String kubernetesPath) {}

  /**
   * Login as a Cloud Foundry instance.
   *
   * @param role Role.
   * @param instanceCertificate Location of the instance's certificate. By default, the value of the
   *     environment variable CF_INSTANCE_CERT.
   * @param instanceKey Location of the instance's key. By default, the value of the environment
   *     variable CF_INSTANCE_KEY.
   * @param pcfPath Mount of the auth method.
   */
  record Pcf(
      @Nullable String role,
      @Nullable String instanceCertificate,
      @Nullable String instanceKey,
      @DefaultValue("pcf") String pcfPath) {}

  /**
   * Login with a username and password.
   *
   * @param username Username.
   * @param password Password, preferably set in the environment.
   * @param userpassPath Mount of the auth method.
   */
  record Userpass(
      @Nullable String username,
      @Nullable String password,
      @DefaultValue("userpass") String userpassPath) {

    @Override
    public String toString() {
      return "Userpass[userpassPath=%s]".formatted(userpassPath);
    }
  }

  @Override
  public String toString() {
    return "VaultLoginProperties[authentication=%s]".formatted(authentication);
  }
}
