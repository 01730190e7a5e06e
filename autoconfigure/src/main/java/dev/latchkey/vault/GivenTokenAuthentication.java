package dev.latchkey.vault;

import dev.latchkey.LatchkeyException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.function.Supplier;
import org.springframework.vault.authentication.ClientAuthentication;
import org.springframework.vault.support.VaultToken;

/**
 * Logs in with a token that is given from outside. A file is read at every login, so that what
 * keeps it, such as Vault Agent, may replace it at any time.
 *
 * @since 0.1
 */
public final class GivenTokenAuthentication implements ClientAuthentication {

  private final Supplier<String> source;
  private final String place;

  private GivenTokenAuthentication(Supplier<String> source, String place) {
    this.source = source;
    this.place = place;
  }

  /** Takes this token. */
  public static GivenTokenAuthentication of(String token) {
    return new GivenTokenAuthentication(() -> token, "latchkey.vault.token");
  }

  /** Takes the token that the file holds, alone or with white space around it. */
  public static GivenTokenAuthentication inFile(Path file) {
    Path absolute = file.toAbsolutePath();
    return new GivenTokenAuthentication(() -> read(absolute), "The token file " + absolute);
  }

  @Override
  public VaultToken login() {
    String token = source.get().strip();
    if (token.isEmpty()) {
      throw new LatchkeyException(
          "%s is empty".formatted(place), "Put the token there before the application starts.");
    }
    if (!token.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
      throw new LatchkeyException(
          "%s holds a character that no token has".formatted(place),
          "Put nothing but the token there, on one line.");
    }
    return VaultToken.of(token);
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (NoSuchFileException ex) {
      throw new LatchkeyException(
          "There is no token file %s".formatted(file),
          "Make it, or set latchkey.vault.token-file to the file that holds the token.");
    } catch (IOException ex) {
      throw new LatchkeyException(
          "The token file %s cannot be read (%s)".formatted(file, ex.getClass().getSimpleName()),
          "Let it hold the token as text, and give the application's user the right to read it:"
              + " chmod 0400, and chown to that user.");
    }
  }
}
