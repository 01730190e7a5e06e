package dev.latchkey.vault.internal.keyset;

import static java.nio.charset.StandardCharsets.US_ASCII;

import com.google.crypto.tink.Aead;
import dev.latchkey.LatchkeyException;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A Transit key as an {@link Aead}. The first use verifies that the engine authenticates associated
 * data: an engine that ignores it would decrypt the document of one keyset as that of another.
 *
 * <p>A ciphertext is Transit's text in its only canonical form: Base64 that just a lenient decoder
 * accepts is rejected.
 */
final class TransitAead implements Aead {

  private static final Pattern CIPHERTEXT = Pattern.compile("vault:v[1-9][0-9]{0,8}:(.+)");

  private final TransitKey key;
  private volatile boolean verified;

  TransitAead(TransitKey key) {
    this.key = key;
  }

  @Override
  public byte[] encrypt(byte[] plaintext, byte @Nullable [] associatedData) {
    byte[] bound = orEmpty(associatedData);
    if (!verified && !key.exists()) {
      throw key.missing();
    }
    String ciphertext = key.encrypt(plaintext, bound);
    if (!isCanonical(ciphertext)) {
      throw new LatchkeyException(
          "Transit key %s returned an unknown ciphertext format".formatted(key),
          "Check the version of the server: expected 'vault:vN:' followed by Base64.");
    }
    if (!verified) {
      verify(ciphertext, plaintext, bound);
    }
    return ciphertext.getBytes(US_ASCII);
  }

  @Override
  public byte[] decrypt(byte[] ciphertext, byte @Nullable [] associatedData)
      throws GeneralSecurityException {
    byte[] bound = orEmpty(associatedData);
    String text = new String(ciphertext, US_ASCII);
    if (!isCanonical(text)) {
      throw new GeneralSecurityException("not a Transit ciphertext");
    }
    byte[] plaintext = key.decrypt(text, bound);
    if (!verified) {
      verifyBinding(text, bound);
    }
    return plaintext;
  }

  void createIfAbsent() {
    if (!key.exists()) {
      key.create();
    }
    if (!verified) {
      byte[] test = "test".getBytes(US_ASCII);
      verify(key.encrypt(test, test), test, test);
    }
  }

  private void verify(String ciphertext, byte[] plaintext, byte[] associatedData) {
    try {
      if (!Arrays.equals(key.decrypt(ciphertext, associatedData), plaintext)) {
        throw new LatchkeyException(
            "Transit key %s does not return the plaintext that it encrypted".formatted(key),
            "Check for a proxy between the application and the server that changes responses.");
      }
    } catch (GeneralSecurityException ex) {
      throw new LatchkeyException(
          "Transit key %s cannot decrypt what it encrypted".formatted(key),
          "Set its min_encryption_version to 0, and check the server's log.",
          ex);
    }
    verifyBinding(ciphertext, associatedData);
  }

  private void verifyBinding(String ciphertext, byte[] associatedData) {
    byte[] other = Arrays.copyOf(associatedData, associatedData.length + 1);
    other[associatedData.length] = 1;
    try {
      key.decrypt(ciphertext, other);
    } catch (GeneralSecurityException ex) {
      verified = true;
      return;
    }
    throw new LatchkeyException(
        "Transit key %s ignores associated data".formatted(key),
        "Use a server that supports 'associated_data' (Vault 1.9 or newer, any OpenBao), and a key of"
            + " type aes256-gcm96 that is not derived.");
  }

  private static boolean isCanonical(String ciphertext) {
    Matcher matcher = CIPHERTEXT.matcher(ciphertext);
    if (!matcher.matches()) {
      return false;
    }
    try {
      byte[] bytes = Base64.getDecoder().decode(matcher.group(1));
      return Base64.getEncoder().encodeToString(bytes).equals(matcher.group(1));
    } catch (IllegalArgumentException ex) {
      return false;
    }
  }

  private static byte[] orEmpty(byte @Nullable [] associatedData) {
    return associatedData == null ? new byte[0] : associatedData;
  }
}
