package dev.latchkey.vault.internal.login;

import dev.latchkey.LatchkeyException;
import dev.latchkey.vault.internal.login.VaultLoginProperties.Authentication;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpClient.Redirect;
import java.time.Duration;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.PropertyMapper;
import org.springframework.boot.io.ApplicationResourceLoader;
import org.springframework.http.client.JdkClientHttpRequestFactory;
import org.springframework.util.StringUtils;
import org.springframework.vault.authentication.AwsEc2Authentication;
import org.springframework.vault.authentication.AwsEc2AuthenticationOptions;
import org.springframework.vault.authentication.AwsEc2AuthenticationOptions.Nonce;
import org.springframework.vault.authentication.AzureMsiAuthentication;
import org.springframework.vault.authentication.AzureMsiAuthenticationOptions;
import org.springframework.vault.authentication.ClientAuthentication;
import org.springframework.vault.authentication.GcpComputeAuthentication;
import org.springframework.vault.authentication.GcpComputeAuthenticationOptions;
import org.springframework.vault.authentication.PcfAuthentication;
import org.springframework.vault.authentication.PcfAuthenticationOptions;
import org.springframework.vault.authentication.ResourceCredentialSupplier;
import org.springframework.web.client.ResourceAccessException;
import org.springframework.web.client.RestClientResponseException;
import org.springframework.web.client.RestOperations;
import org.springframework.web.client.RestTemplate;

/** Logs in with the identity that a platform provides to its instances. */
final class VaultPlatformLogin implements Function<RestOperations, ClientAuthentication> {

  private static final Duration METADATA_TIMEOUT = Duration.ofSeconds(3);

  private final VaultLoginProperties properties;
  private final Authentication method;
  private final RequiredInput required;

  VaultPlatformLogin(VaultLoginProperties properties) {
    this.properties = properties;
    this.method = properties.authentication();
    this.required = new RequiredInput(method);
  }

  @Override
  public ClientAuthentication apply(RestOperations operations) {
    return switch (method) {
      case AWS_EC2 -> ofPlatform("AWS", ec2(operations));
      case AWS_IAM -> ofPlatform("AWS", iam(operations));
      case AZURE_MSI -> ofPlatform("Azure", azure(operations));
      case GCP_GCE -> ofPlatform("Google Cloud", computeEngine(operations));
      case GCP_IAM -> ofPlatform("Google Cloud", serviceAccount(operations));
      case PCF -> cloudFoundry(operations);
      default -> throw new IllegalStateException("Not a platform identity: " + method);
    };
  }

  private ClientAuthentication ec2(RestOperations operations) {
    VaultLoginProperties.AwsEc2 ec2 = properties.awsEc2();
    AwsEc2AuthenticationOptions.AwsEc2AuthenticationOptionsBuilder options =
        AwsEc2AuthenticationOptions.builder()
            .path(ec2.awsEc2Path())
            .identityDocumentUri(ec2.identityDocument())
            .metadataTokenRequestUri(ec2.identityDocument().resolve("/latest/api/token"));
    PropertyMapper map = PropertyMapper.get();
    map.from(ec2.role()).whenHasText().to(options::role);
    map.from(ec2.nonce())
        .whenHasText()
        .as(nonce -> Nonce.provided(nonce.toCharArray()))
        .to(options::nonce);
    return new AwsEc2Authentication(options.build(), operations, metadataRequests());
  }

  private ClientAuthentication iam(RestOperations operations) {
    required.library(
        "software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider",
        "software.amazon.awssdk:auth");
    return AwsIamLogin.with(properties.awsIam(), operations);
  }

  private ClientAuthentication azure(RestOperations operations) {
    VaultLoginProperties.AzureMsi azure = properties.azureMsi();
    return new AzureMsiAuthentication(
        AzureMsiAuthenticationOptions.builder()
            .path(azure.azurePath())
            .role(role("azure-msi.role", azure.role()))
            .instanceMetadataUri(azure.metadataService())
            .identityTokenServiceUri(azure.identityTokenService())
            .build(),
        operations,
        metadataRequests());
  }

  private ClientAuthentication computeEngine(RestOperations operations) {
    VaultLoginProperties.GcpGce gce = properties.gcpGce();
    return new GcpComputeAuthentication(
        GcpComputeAuthenticationOptions.builder()
            .path(gce.gcpPath())
            .role(role("gcp-gce.role", gce.role()))
            .serviceAccount(gce.serviceAccount())
            .build(),
        operations,
        metadataRequests());
  }

  private ClientAuthentication serviceAccount(RestOperations operations) {
    required.library(
        "com.google.cloud.iam.credentials.v1.IamCredentialsClient",
        "com.google.cloud:google-cloud-iamcredentials");
    return GcpIamLogin.with(
        properties.gcpIam(), role("gcp-iam.role", properties.gcpIam().role()), operations);
  }

  private ClientAuthentication cloudFoundry(RestOperations operations) {
    VaultLoginProperties.Pcf pcf = properties.pcf();
    required.library(
        "org.bouncycastle.crypto.signers.PSSSigner", "org.bouncycastle:bcpkix-jdk18on");
    PcfAuthenticationOptions.PcfAuthenticationOptionsBuilder options =
        PcfAuthenticationOptions.builder().path(pcf.pcfPath()).role(role("pcf.role", pcf.role()));
    options.instanceCertificate(
        instanceFile("pcf.instance-certificate", pcf.instanceCertificate(), "CF_INSTANCE_CERT"));
    options.instanceKey(instanceFile("pcf.instance-key", pcf.instanceKey(), "CF_INSTANCE_KEY"));
    return new PcfAuthentication(options.build(), operations);
  }

  private ResourceCredentialSupplier instanceFile(
      String name, @Nullable String location, String variable) {
    String place = StringUtils.hasText(location) ? location : System.getenv(variable);
    try {
      return new ResourceCredentialSupplier(
          ApplicationResourceLoader.get()
              .getResource(
                  required.value(name, place, "the file that Cloud Foundry stores it in")));
    } catch (IllegalArgumentException ex) {
      throw new LatchkeyException(
          "Invalid %s.%s: the file %s does not exist"
              .formatted(VaultLoginProperties.PREFIX, name, place),
          "Correct the property, or remove it to use the environment variable %s."
              .formatted(variable),
          ex);
    }
  }

  private String role(String name, @Nullable String role) {
    return required.value(name, role, "the name of the role");
  }

  /**
   * Sends requests to the platform's metadata service, without Vault's namespace, TLS settings and
   * timeouts.
   */
  private static RestOperations metadataRequests() {
    JdkClientHttpRequestFactory requests =
        new JdkClientHttpRequestFactory(
            HttpClient.newBuilder()
                .followRedirects(Redirect.NEVER)
                .connectTimeout(METADATA_TIMEOUT)
                .build());
    requests.setReadTimeout(METADATA_TIMEOUT);
    return new RestTemplate(requests);
  }

  /** Distinguishes an unavailable platform from an unavailable Vault server. */
  private static ClientAuthentication ofPlatform(String platform, ClientAuthentication login) {
    return () -> {
      try {
        return login.login();
      } catch (ResourceAccessException | RestClientResponseException ex) {
        throw noIdentity(platform, ex);
      }
    };
  }

  static LatchkeyException noIdentity(String platform, Exception cause) {
    return new LatchkeyException(
        "%s provides no identity for the login to Vault (%s)"
            .formatted(
                platform,
                cause instanceof IOException || cause.getCause() instanceof IOException
                    ? "its metadata service is not reachable"
                    : cause.getClass().getSimpleName()),
        "Run the application on %s with an identity, or select another method with"
                .formatted(platform)
            + " latchkey.vault.authentication.",
        cause);
  }
}
