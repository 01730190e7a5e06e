package dev.latchkey.vault.internal.login;

import org.springframework.boot.context.properties.PropertyMapper;
import org.springframework.vault.authentication.AwsIamAuthentication;
import org.springframework.vault.authentication.AwsIamAuthenticationOptions;
import org.springframework.vault.authentication.ClientAuthentication;
import org.springframework.web.client.RestOperations;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.regions.Region;

/** Logs in with the AWS identity that the AWS SDK finds. Loaded only if the SDK is present. */
final class AwsIamLogin {

  private AwsIamLogin() {}

  static ClientAuthentication with(
      VaultLoginProperties.AwsIam properties, RestOperations operations) {
    AwsIamAuthenticationOptions.AwsIamAuthenticationOptionsBuilder options =
        AwsIamAuthenticationOptions.builder()
            .path(properties.awsPath())
            .credentialsProvider(DefaultCredentialsProvider.builder().build());
    PropertyMapper map = PropertyMapper.get();
    map.from(properties.region()).whenHasText().as(Region::of).to(options::region);
    map.from(properties.role()).whenHasText().to(options::role);
    map.from(properties.serverName()).whenHasText().to(options::serverName);
    map.from(properties.endpointUri()).to(options::endpointUri);
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
