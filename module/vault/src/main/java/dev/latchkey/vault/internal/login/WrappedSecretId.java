package dev.latchkey.vault.internal.login;

import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpEntity;
import org.springframework.http.HttpMethod;
import org.springframework.vault.authentication.VaultLoginException;
import org.springframework.vault.client.VaultHttpHeaders;
import org.springframework.vault.support.VaultResponse;
import org.springframework.vault.support.VaultToken;
import org.springframework.web.client.RestClientException;
import org.springframework.web.client.RestOperations;

/**
 * A secret ID in a wrapping token. Spring Vault unwraps the token at every login, but a wrapping
 * token can be unwrapped only once. Latchkey therefore keeps the secret ID for later logins, until
 * another wrapping token is provided.
 */
final class WrappedSecretId implements Supplier<String> {

  private final Supplier<String> wrappingToken;
  private final RestOperations operations;
  private @Nullable String unwrappedFrom;
  private @Nullable String secretId;

  WrappedSecretId(Supplier<String> wrappingToken, RestOperations operations) {
    this.wrappingToken = wrappingToken;
    this.operations = operations;
  }

  /**
   * The secret ID.
   *
   * @throws VaultLoginException if Vault does not unwrap it
   */
  @Override
  public synchronized String get() {
    String provided = wrappingToken.get();
    if (secretId == null || !provided.equals(unwrappedFrom)) {
      secretId = unwrap(provided);
      unwrappedFrom = provided;
    }
    return secretId;
  }

  private String unwrap(String token) {
    try {
      VaultResponse response =
          operations
              .exchange(
                  "sys/wrapping/unwrap",
                  HttpMethod.POST,
                  new HttpEntity<>(VaultHttpHeaders.from(VaultToken.of(token))),
                  VaultResponse.class)
              .getBody();
      Map<String, Object> data = response == null ? null : response.getData();
      if (data == null || !(data.get("secret_id") instanceof String text)) {
        throw new VaultLoginException("The wrapping token contains no secret id");
      }
      return Objects.requireNonNull(text);
    } catch (RestClientException ex) {
      throw VaultLoginException.create("a wrapped secret id", ex);
    }
  }
}
