package dev.latchkey.file.internal;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.crypto.tink.Aead;
import com.google.crypto.tink.InsecureSecretKeyAccess;
import com.google.crypto.tink.subtle.AesGcmJce;
import com.google.crypto.tink.subtle.Hkdf;
import com.google.crypto.tink.util.SecretBytes;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;

/** The store's key: 256 random bits, from which one key is derived for each purpose. */
final class StoreKey {

  private static final int BYTES = 32;
  private static final int ID_BYTES = 8;

  private final SecretBytes bytes;

  private StoreKey(SecretBytes bytes) {
    this.bytes = bytes;
  }

  static StoreKey random() {
    return new StoreKey(SecretBytes.randomBytes(BYTES));
  }

  /** Parses the content of a key file; empty unless it is the Base64 encoding of 256 bits. */
  static Optional<StoreKey> parse(byte[] content) {
    try {
      byte[] bytes = Base64.getDecoder().decode(new String(content, US_ASCII).strip());
      return bytes.length == BYTES
          ? Optional.of(new StoreKey(SecretBytes.copyFrom(bytes, InsecureSecretKeyAccess.get())))
          : Optional.empty();
    } catch (IllegalArgumentException ex) {
      return Optional.empty();
    }
  }

  /** Content of a key file. */
  byte[] encoded() {
    String line =
        Base64.getEncoder().encodeToString(bytes.toByteArray(InsecureSecretKeyAccess.get()));
    return (line + "\n").getBytes(US_ASCII);
  }

  /** Identifies the key without revealing anything about it. */
  String id() {
    return HexFormat.of().formatHex(derive("id", ID_BYTES));
  }

  /** The key for one purpose. No other key decrypts what it encrypts. */
  Aead aead(String purpose) {
    byte[] derived = derive(purpose, BYTES);
    try {
      return new AesGcmJce(derived);
    } catch (GeneralSecurityException ex) {
      throw new IllegalStateException("AES-256-GCM is not available", ex);
    } finally {
      Arrays.fill(derived, (byte) 0);
    }
  }

  private byte[] derive(String purpose, int size) {
    byte[] key = bytes.toByteArray(InsecureSecretKeyAccess.get());
    try {
      return Hkdf.computeHkdf(
          "HMACSHA256",
          key,
          new byte[0],
          ("latchkey file store 1: " + purpose).getBytes(UTF_8),
          size);
    } catch (GeneralSecurityException ex) {
      throw new IllegalStateException("HKDF with SHA-256 is not available", ex);
    } finally {
      Arrays.fill(key, (byte) 0);
    }
  }

  @Override
  public String toString() {
    return "StoreKey[id=%s]".formatted(id());
  }
}
