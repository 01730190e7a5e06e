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
import org.springframework.boot.context.properties.PropertyMapper;
import org.springframework.boot.io.ApplicationResourceLoader;
import org.springframework.util.StringUtils;
import org.springframework.vault.authentication.ClientAuthentication;
import org.springframework.vault.authentication.GcpIamCredentialsAuthentication;
import org.springframework.vault.authentication.GcpIamCredentialsAuthenticationOptions;
import org.springframework.web.client.RestOperations;

/** Logs in with a service account of Google Cloud. Loaded only if Google's client is present. */
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
   * @param google transport to the service that signs the JWT
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
    PropertyMapper.get()
        .from(properties.serviceAccountId())
        .whenHasText()
        .to(options::serviceAccountId);
    return () -> {
      try {
        return new GcpIamCredentialsAuthentication(options.build(), operations, google).login();
      } catch (ApiException ex) {
        throw new LatchkeyException(
            "Google Cloud does not sign the JWT for the login to Vault (%s)"
                .formatted(ex.getStatusCode().getCode()),
            "Grant the credentials iam.serviceAccounts.signJwt for the service account, for example with"
                + " the role Service Account Token Creator, and enable the IAM Service Account"
                + " Credentials API.",
            ex);
      } catch (IllegalArgumentException ex) {
        throw new LatchkeyException(
            "The Google Cloud credentials for the login to Vault have no service account",
            "Set latchkey.vault.gcp-iam.service-account-id to the account's address, or use the"
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
          "No Google Cloud credentials are available for the login to Vault (%s)"
              .formatted(ex.getClass().getSimpleName()),
          "Set latchkey.vault.gcp-iam.credentials.location to the JSON key of a service account, or run"
              + " the application on a platform where Google Cloud provides an identity.");
    }
  }
}
