package dev.latchkey.vault.internal.login;

import org.springframework.util.StringUtils;
import org.springframework.vault.authentication.AwsIamAuthentication;
import org.springframework.vault.authentication.AwsIamAuthenticationOptions;
import org.springframework.vault.authentication.ClientAuthentication;
import org.springframework.web.client.RestOperations;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.regions.Region;

/** Logs in as the AWS identity that the AWS SDK finds; loaded only where that SDK is there. */
final class AwsIamLogin {

  private AwsIamLogin() {}

  static ClientAuthentication with(
      VaultLoginProperties.AwsIam properties, RestOperations operations) {
    AwsIamAuthenticationOptions.AwsIamAuthenticationOptionsBuilder options =
        AwsIamAuthenticationOptions.builder()
            .path(properties.awsPath())
            .credentialsProvider(DefaultCredentialsProvider.builder().build());
    if (StringUtils.hasText(properties.region())) {
      options.region(Region.of(properties.region()));
    }
    if (StringUtils.hasText(properties.role())) {
      options.role(properties.role());
    }
    if (StringUtils.hasText(properties.serverName())) {
      options.serverName(properties.serverName());
    }
    if (properties.endpointUri() != null) {
      options.endpointUri(properties.endpointUri());
    }
    AwsIamAuthentication login = new AwsIamAuthentication(options.build(), operations);
    return () -> {
      try {
        return login.login();
      } catch (SdkClientException ex) {
        throw VaultPlatformLogin.noIdentity("AWS", ex);
      }
    };
  }
}
