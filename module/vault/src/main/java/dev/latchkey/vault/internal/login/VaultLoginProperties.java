package dev.latchkey.vault.internal.login;

import java.net.URI;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How to log in to Vault. The names below a method are those of Spring Cloud Vault.
 *
 * @param authentication How to log in.
 * @param token Token to log in with, better given through the environment or 'token-file'. For
 *     'cubbyhole', and for 'approle' without a secret id, the token that wraps what to log in with.
 * @param tokenFile File that holds the token, read at every login, so that Vault Agent may replace
 *     it.
 * @param requireExternalCredentials Whether credentials that stand in a configuration file or on
 *     the command line are refused instead of warned about.
 * @param appRole Login with an AppRole.
 * @param awsEc2 Login as an EC2 instance.
 * @param awsIam Login as an AWS identity.
 * @param azureMsi Login with a managed identity of Azure.
 * @param cert Login with the TLS certificate of 'latchkey.vault.ssl.bundle'.
 * @param gcpGce Login as a Compute Engine instance.
 * @param gcpIam Login as a service account of Google Cloud.
 * @param github Login with a token of GitHub.
 * @param jwt Login with a JWT.
 * @param kubernetes Login with a Kubernetes service account.
 * @param pcf Login as an instance on Cloud Foundry.
 * @param userpass Login with a user name and a password.
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

  /** How to log in. */
  enum Authentication {

    /** With a role id and a secret id, which may be wrapped or in a file. */
    APPROLE,

    /** With the identity document of an EC2 instance. */
    AWS_EC2,

    /** With a signed request of an AWS identity; needs software.amazon.awssdk:auth. */
    AWS_IAM,

    /** With a managed identity of Azure. */
    AZURE_MSI,

    /** With the TLS certificate of the SSL bundle. */
    CERT,

    /** With a token that another token wraps. */
    CUBBYHOLE,

    /** With the identity of a Compute Engine instance. */
    GCP_GCE,

    /** With a JWT that Google signs; needs com.google.cloud:google-cloud-iamcredentials. */
    GCP_IAM,

    /** With a token of GitHub. */
    GITHUB,

    /** With a JWT, such as one of a CI system. */
    JWT,

    /** With the token of a Kubernetes service account. */
    KUBERNETES,

    /** With the certificate of an instance on Cloud Foundry; needs Bouncy Castle. */
    PCF,

    /** With a token that is given, in a property or in a file. */
    TOKEN,

    /** With a user name and a password. */
    USERPASS
  }

  /**
   * Login with an AppRole.
   *
   * @param role Name of the role whose ids are to be fetched with the token of
   *     'latchkey.vault.token' or 'token-file', as far as they are not given.
   * @param roleId Id of the role.
   * @param secretId Secret id, better given through the environment or 'secret-id-file'.
   * @param secretIdFile File that holds the secret id, read at every login.
   * @param appRolePath Mount of the method.
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
   * @param role Role to log in to; by default the server takes the AMI's id.
   * @param nonce Nonce of the first login, where the instance must be known again after a restart.
   * @param identityDocument Where AWS gives the identity document.
   * @param awsEc2Path Mount of the method.
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
   * Login as an AWS identity, which the AWS SDK finds.
   *
   * @param role Role to log in to; by default the name of the identity.
   * @param region Region to sign for; by default what the AWS SDK finds.
   * @param serverName Value of the header X-Vault-AWS-IAM-Server-ID, where the server wants one.
   * @param endpointUri Address of AWS STS; by default the global one.
   * @param awsPath Mount of the method.
   */
  record AwsIam(
      @Nullable String role,
      @Nullable String region,
      @Nullable String serverName,
      @Nullable URI endpointUri,
      @DefaultValue("aws") String awsPath) {}

  /**
   * Login with a managed identity of Azure.
   *
   * @param role Role to log in to.
   * @param metadataService Where Azure describes the instance.
   * @param identityTokenService Where Azure gives the identity's token.
   * @param azurePath Mount of the method.
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
   * @param role Role to log in to; by default the server takes the one that trusts the certificate.
   * @param certPath Mount of the method.
   */
  record Cert(@Nullable String role, @DefaultValue("cert") String certPath) {}

  /**
   * Login as a Compute Engine instance.
   *
   * @param role Role to log in to.
   * @param serviceAccount Service account of the instance.
   * @param gcpPath Mount of the method.
   */
  record GcpGce(
      @Nullable String role,
      @DefaultValue("default") String serviceAccount,
      @DefaultValue("gcp") String gcpPath) {}

  /**
   * Login as a service account of Google Cloud.
   *
   * @param role Role to log in to.
   * @param serviceAccountId Service account, where the credentials do not name it.
   * @param jwtValidity How long the JWT is valid that Google signs.
   * @param credentials Credentials to ask Google with; by default those of the environment.
   * @param gcpPath Mount of the method.
   */
  record GcpIam(
      @Nullable String role,
      @Nullable String serviceAccountId,
      @DefaultValue("15m") Duration jwtValidity,
      @DefaultValue GcpCredentials credentials,
      @DefaultValue("gcp") String gcpPath) {}

  /**
   * Credentials of a service account.
   *
   * @param location Where their JSON lies, such as 'file:/run/secrets/google.json'.
   * @param encodedKey Their JSON in Base64.
   */
  record GcpCredentials(@Nullable String location, @Nullable String encodedKey) {

    @Override
    public String toString() {
      return "GcpCredentials[location=%s]".formatted(location);
    }
  }

  /**
   * Login with a token of GitHub.
   *
   * @param token Personal access token, better given through the environment or 'token-file'.
   * @param tokenFile File that holds the token, read at every login.
   * @param githubPath Mount of the method.
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
   * @param role Role to log in to; by default the method's own default.
   * @param token JWT, better given through the environment or 'token-file'.
   * @param tokenFile File that holds the JWT, read at every login.
   * @param jwtPath Mount of the method.
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
   * @param role Role to log in to.
   * @param serviceAccountTokenFile File that holds the account's token, read at every login.
   * @param kubernetesPath Mount of the method.
   */
  record Kubernetes(
      @Nullable String role,
      @DefaultValue("/var/run/secrets/kubernetes.io/serviceaccount/token")
          String serviceAccountTokenFile,
      @DefaultValue("kubernetes") String kubernetesPath) {}

  /**
   * Login as an instance on Cloud Foundry.
   *
   * @param role Role to log in to.
   * @param instanceCertificate Where the instance's certificate lies; by default where
   *     CF_INSTANCE_CERT says.
   * @param instanceKey Where the instance's key lies; by default where CF_INSTANCE_KEY says.
   * @param pcfPath Mount of the method.
   */
  record Pcf(
      @Nullable String role,
      @Nullable String instanceCertificate,
      @Nullable String instanceKey,
      @DefaultValue("pcf") String pcfPath) {}

  /**
   * Login with a user name and a password.
   *
   * @param username Name of the user.
   * @param password Password, better given through the environment.
   * @param userpassPath Mount of the method.
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
