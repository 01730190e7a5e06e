package dev.latchkey.vault.internal.login;

import java.util.Map;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpEntity;
import org.springframework.http.HttpMethod;
import org.springframework.vault.VaultException;
import org.springframework.vault.authentication.VaultLoginException;
import org.springframework.vault.client.VaultHttpHeaders;
import org.springframework.vault.support.VaultResponse;
import org.springframework.vault.support.VaultToken;
import org.springframework.web.client.RestClientException;
import org.springframework.web.client.RestOperations;

/**
 * A secret id in a wrapping token. Such a token serves once, but an application logs in again when
 * its login ends: so what was unwrapped is kept, until another wrapping token is given.
 *
 * @since 0.1
 */
public final class WrappedSecretId implements Supplier<String> {

  private final Supplier<String> wrappingToken;
  private final RestOperations operations;
  private @Nullable String unwrappedFrom;
  private @Nullable String secretId;

  public WrappedSecretId(Supplier<String> wrappingToken, RestOperations operations) {
    this.wrappingToken = wrappingToken;
    this.operations = operations;
  }

  /**
   * The secret id.
   *
   * @throws VaultException if the server does not unwrap it
   */
  @Override
  public synchronized String get() {
    String given = wrappingToken.get();
    if (secretId == null || !given.equals(unwrappedFrom)) {
      secretId = unwrap(given);
      unwrappedFrom = given;
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
        throw new VaultLoginException("The wrapping token wraps no secret id");
      }
      return Objects.requireNonNull(text);
    } catch (RestClientException ex) {
      throw VaultLoginException.create("a wrapped secret id", ex);
    }
  }
}
