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
 * A Transit key as an {@link Aead}. Before its first use it must prove that it binds associated
 * data: an engine that ignores it would open any keyset's document as any other's.
 *
 * <p>A ciphertext is the engine's text, and each has one spelling only: Base64 that a lenient
 * decoder would accept in several is refused.
 */
final class TransitAead implements Aead {

  private static final Pattern CIPHERTEXT = Pattern.compile("vault:v[1-9][0-9]{0,8}:(.+)");

  private final TransitKey key;
  private volatile boolean proven;

  TransitAead(TransitKey key) {
    this.key = key;
  }

  @Override
  public byte[] encrypt(byte[] plaintext, byte @Nullable [] associatedData) {
    byte[] bound = orEmpty(associatedData);
    if (!proven && !key.exists()) {
      throw key.missing();
    }
    String ciphertext = key.encrypt(plaintext, bound);
    if (!isCanonical(ciphertext)) {
      throw new LatchkeyException(
          "What Transit key %s made is no ciphertext of the known form".formatted(key),
          "Check the version of the server: the form 'vault:vN:' and Base64 is expected.");
    }
    if (!proven) {
      prove(ciphertext, plaintext, bound);
    }
    return ciphertext.getBytes(US_ASCII);
  }

  @Override
  public byte[] decrypt(byte[] ciphertext, byte @Nullable [] associatedData)
      throws GeneralSecurityException {
    byte[] bound = orEmpty(associatedData);
    String text = new String(ciphertext, US_ASCII);
    if (!isCanonical(text)) {
      throw new GeneralSecurityException("no ciphertext of a Transit key");
    }
    byte[] plaintext = key.decrypt(text, bound);
    if (!proven) {
      proveBinding(text, bound);
    }
    return plaintext;
  }

  void createIfAbsent() {
    if (!key.exists()) {
      key.create();
    }
    if (!proven) {
      byte[] test = "test".getBytes(US_ASCII);
      prove(key.encrypt(test, test), test, test);
    }
  }

  private void prove(String ciphertext, byte[] plaintext, byte[] associatedData) {
    try {
      if (!Arrays.equals(key.decrypt(ciphertext, associatedData), plaintext)) {
        throw new LatchkeyException(
            "Transit key %s does not give back what it encrypted".formatted(key),
            "Check what stands between the application and the server: it changes answers.");
      }
    } catch (GeneralSecurityException ex) {
      throw new LatchkeyException(
          "Transit key %s does not open what it encrypted".formatted(key),
          "Set its min_encryption_version to 0 and look into the server's log.",
          ex);
    }
    proveBinding(ciphertext, associatedData);
  }

  private void proveBinding(String ciphertext, byte[] associatedData) {
    byte[] other = Arrays.copyOf(associatedData, associatedData.length + 1);
    other[associatedData.length] = 1;
    try {
      key.decrypt(ciphertext, other);
    } catch (GeneralSecurityException ex) {
      proven = true;
      return;
    }
    throw new LatchkeyException(
        "Transit key %s opens a ciphertext under another's associated data: it binds none"
            .formatted(key),
        "Use a server whose Transit engine knows 'associated_data' (Vault 1.9, any OpenBao), and a"
            + " key of type aes256-gcm96 that is not derived.");
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
