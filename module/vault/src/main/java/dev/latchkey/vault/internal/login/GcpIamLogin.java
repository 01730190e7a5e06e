package dev.latchkey.vault.internal.login;

import com.google.api.gax.rpc.ApiException;
import com.google.api.gax.rpc.TransportChannelProvider;
import com.google.auth.oauth2.GoogleCredentials;
import com.google.cloud.iam.credentials.v1.stub.IamCredentialsStubSettings;
import dev.latchkey.LatchkeyException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Base64;
import org.springframework.boot.io.ApplicationResourceLoader;
import org.springframework.util.StringUtils;
import org.springframework.vault.authentication.ClientAuthentication;
import org.springframework.vault.authentication.GcpIamCredentialsAuthentication;
import org.springframework.vault.authentication.GcpIamCredentialsAuthenticationOptions;
import org.springframework.web.client.RestOperations;

/** Logs in as a service account of Google Cloud; loaded only where Google's client is there. */
final class GcpIamLogin {

  private GcpIamLogin() {}

  static ClientAuthentication with(
      VaultLoginProperties.GcpIam properties, String role, RestOperations operations) {
    return with(
        properties,
        role,
        operations,
        IamCredentialsStubSettings.defaultGrpcTransportProviderBuilder().build());
  }

  /**
   * @param google the way to Google's service that signs
   */
  static ClientAuthentication with(
      VaultLoginProperties.GcpIam properties,
      String role,
      RestOperations operations,
      TransportChannelProvider google) {
    GcpIamCredentialsAuthenticationOptions.GcpIamCredentialsAuthenticationOptionsBuilder options =
        GcpIamCredentialsAuthenticationOptions.builder()
            .path(properties.gcpPath())
            .role(role)
            .jwtValidity(properties.jwtValidity())
            .credentialsSupplier(() -> credentials(properties.credentials()));
    if (StringUtils.hasText(properties.serviceAccountId())) {
      options.serviceAccountId(properties.serviceAccountId());
    }
    return () -> {
      try {
        return new GcpIamCredentialsAuthentication(options.build(), operations, google).login();
      } catch (ApiException ex) {
        throw new LatchkeyException(
            "Google Cloud does not sign for the service account that is to log in to Vault (%s)"
                .formatted(ex.getStatusCode().getCode()),
            "Let the credentials sign for the account (iam.serviceAccounts.signJwt, as in the role"
                + " Service Account Token Creator), and enable the IAM Service Account Credentials"
                + " API.",
            ex);
      } catch (IllegalArgumentException ex) {
        throw new LatchkeyException(
            "The credentials of Google Cloud name no service account to log in to Vault as",
            "Set latchkey.vault.gcp-iam.service-account-id to the account's address, or give the"
                + " credentials of a service account.",
            ex);
      }
    };
  }

  private static GoogleCredentials credentials(VaultLoginProperties.GcpCredentials properties) {
    try {
      if (StringUtils.hasText(properties.location())) {
        try (InputStream json =
            ApplicationResourceLoader.get().getResource(properties.location()).getInputStream()) {
          return GoogleCredentials.fromStream(json);
        }
      }
      if (StringUtils.hasText(properties.encodedKey())) {
        return GoogleCredentials.fromStream(
            new ByteArrayInputStream(Base64.getDecoder().decode(properties.encodedKey())));
      }
      return GoogleCredentials.getApplicationDefault();
    } catch (IOException | IllegalArgumentException ex) {
      throw new LatchkeyException(
          "There are no credentials of Google Cloud to log in to Vault with (%s)"
              .formatted(ex.getClass().getSimpleName()),
          "Set latchkey.vault.gcp-iam.credentials.location to the JSON of a service account, or run"
              + " the application where Google gives it an identity.");
    }
  }
}
