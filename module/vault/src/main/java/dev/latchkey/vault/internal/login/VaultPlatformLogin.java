package dev.latchkey.vault.internal.login;

import static dev.latchkey.vault.internal.login.LoginInput.requireLibrary;

import dev.latchkey.LatchkeyException;
import dev.latchkey.vault.internal.login.VaultLoginProperties.Authentication;
import java.io.IOException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.io.ApplicationResourceLoader;
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

/** Makes what logs in to Vault with the identity that a platform gives to its instances. */
final class VaultPlatformLogin implements Function<RestOperations, ClientAuthentication> {

  private final VaultLoginProperties properties;
  private final Authentication method;

  VaultPlatformLogin(VaultLoginProperties properties) {
    this.properties = properties;
    this.method = properties.authentication();
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
      default -> throw new IllegalStateException(method + " is no identity of a platform");
    };
  }

  private ClientAuthentication ec2(RestOperations operations) {
    VaultLoginProperties.AwsEc2 ec2 = properties.awsEc2();
    AwsEc2AuthenticationOptions.AwsEc2AuthenticationOptionsBuilder options =
        AwsEc2AuthenticationOptions.builder()
            .path(ec2.awsEc2Path())
            .identityDocumentUri(ec2.identityDocument())
            .metadataTokenRequestUri(ec2.identityDocument().resolve("/latest/api/token"));
    if (StringUtils.hasText(ec2.role())) {
      options.role(ec2.role());
    }
    if (StringUtils.hasText(ec2.nonce())) {
      options.nonce(Nonce.provided(ec2.nonce().toCharArray()));
    }
    return new AwsEc2Authentication(options.build(), operations, PlatformRequests.create());
  }

  private ClientAuthentication iam(RestOperations operations) {
    requireLibrary(
        method,
        "software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider",
        "software.amazon.awssdk:auth");
    return AwsIamLogin.with(properties.awsIam(), operations);
  }

  private ClientAuthentication azure(RestOperations operations) {
    VaultLoginProperties.AzureMsi azure = properties.azureMsi();
    return new AzureMsiAuthentication(
        AzureMsiAuthenticationOptions.builder()
            .path(azure.azurePath())
            .role(required("azure-msi.role", azure.role()))
            .instanceMetadataUri(azure.metadataService())
            .identityTokenServiceUri(azure.identityTokenService())
            .build(),
        operations,
        PlatformRequests.create());
  }

  private ClientAuthentication computeEngine(RestOperations operations) {
    VaultLoginProperties.GcpGce gce = properties.gcpGce();
    return new GcpComputeAuthentication(
        GcpComputeAuthenticationOptions.builder()
            .path(gce.gcpPath())
            .role(required("gcp-gce.role", gce.role()))
            .serviceAccount(gce.serviceAccount())
            .build(),
        operations,
        PlatformRequests.create());
  }

  private ClientAuthentication serviceAccount(RestOperations operations) {
    requireLibrary(
        method,
        "com.google.cloud.iam.credentials.v1.IamCredentialsClient",
        "com.google.cloud:google-cloud-iamcredentials");
    return GcpIamLogin.with(
        properties.gcpIam(), required("gcp-iam.role", properties.gcpIam().role()), operations);
  }

  private ClientAuthentication cloudFoundry(RestOperations operations) {
    VaultLoginProperties.Pcf pcf = properties.pcf();
    requireLibrary(
        method, "org.bouncycastle.crypto.signers.PSSSigner", "org.bouncycastle:bcpkix-jdk18on");
    PcfAuthenticationOptions.PcfAuthenticationOptionsBuilder options =
        PcfAuthenticationOptions.builder()
            .path(pcf.pcfPath())
            .role(required("pcf.role", pcf.role()));
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
                  LoginInput.required(
                      method, name, place, "the file that Cloud Foundry keeps it in")));
    } catch (IllegalArgumentException ex) {
      throw new LatchkeyException(
          "There is no file %s, which %s.%s names"
              .formatted(place, VaultLoginProperties.PREFIX, name),
          "Correct it, or remove it for what %s says.".formatted(variable),
          ex);
    }
  }

  private String required(String name, @Nullable String role) {
    return LoginInput.required(method, name, role, "the role to log in to");
  }

  /** Tells a platform that does not answer from a Vault that does not. */
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
        "%s gives this machine no identity to log in to Vault with (%s)"
            .formatted(
                platform,
                cause instanceof IOException || cause.getCause() instanceof IOException
                    ? "its service for that cannot be reached"
                    : cause.getClass().getSimpleName()),
        "Run the application on %s with an identity of its own, or log in otherwise: see"
                .formatted(platform)
            + " latchkey.vault.authentication.",
        cause);
  }
}
