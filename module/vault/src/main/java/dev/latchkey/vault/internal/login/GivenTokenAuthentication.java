package dev.latchkey.vault.internal.login;

import java.nio.file.Path;
import org.springframework.vault.authentication.ClientAuthentication;
import org.springframework.vault.support.VaultToken;

/**
 * Logs in with a token that is given from outside.
 *
 * @since 0.1
 */
public final class GivenTokenAuthentication implements ClientAuthentication {

  private static final String KIND = "token";

  private final GivenCredential token;

  private GivenTokenAuthentication(GivenCredential token) {
    this.token = token;
  }

  /** Takes this token. */
  public static GivenTokenAuthentication of(String token) {
    return new GivenTokenAuthentication(GivenCredential.of(token, KIND, "latchkey.vault.token"));
  }

  /** Takes the token that the file holds at the time of each login. */
  public static GivenTokenAuthentication inFile(Path file) {
    return new GivenTokenAuthentication(
        GivenCredential.inFile(file, KIND, "latchkey.vault.token-file"));
  }

  @Override
  public VaultToken login() {
    return VaultToken.of(token.get());
  }
}
