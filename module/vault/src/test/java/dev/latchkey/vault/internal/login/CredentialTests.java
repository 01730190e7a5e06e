package dev.latchkey.vault.internal.login;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latchkey.LatchkeyException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class CredentialTests {

  @TempDir private Path directory;

  @Test
  void readsTheFileAtEachLogin() throws Exception {
    Path file = Files.writeString(directory.resolve("token"), "first\n");
    Credential credential = Credential.inFile(file, "token", "latchkey.vault.token-file");
    assertThat(credential.get()).isEqualTo("first");

    Files.writeString(file, " second ");

    assertThat(credential.get()).isEqualTo("second");
  }

  @Test
  void failsWithTheReasonWhenTheFileIsUnusable() throws Exception {
    Path file = directory.resolve("token");
    fails(file, "The token file %s does not exist".formatted(file));
    Files.writeString(file, " \n");
    fails(file, "The token file %s is empty".formatted(file));
    Files.writeString(file, "token=canary one\ntwo");
    fails(
        file,
        "The token file %s contains a character that is not valid in a token".formatted(file));
    Files.write(file, new byte[] {(byte) 0xff, 1});
    fails(file, "Cannot read the token file %s (MalformedInputException)".formatted(file));
  }

  private static void fails(Path file, String message) {
    Credential credential = Credential.inFile(file, "token", "latchkey.vault.token-file");
    assertThatThrownBy(credential::get).isInstanceOf(LatchkeyException.class).hasMessage(message);
  }

  @ParameterizedTest
  @ValueSource(strings = {"canary\r\nX-Other: 1", "canary\u00e9", "can ary"})
  void doesNotRepeatTheTokenWhenItContainsAnInvalidCharacter(String token) {
    Credential credential = Credential.of(token, "token", "latchkey.vault.token");

    assertThatThrownBy(credential::get)
        .isInstanceOf(LatchkeyException.class)
        .hasMessage("latchkey.vault.token contains a character that is not valid in a token");
    assertThat(credential).hasToString("latchkey.vault.token");
  }
}
