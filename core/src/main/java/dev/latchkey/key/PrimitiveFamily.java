package dev.latchkey.key;

import com.google.crypto.tink.Aead;
import com.google.crypto.tink.DeterministicAead;
import com.google.crypto.tink.HybridDecrypt;
import com.google.crypto.tink.HybridEncrypt;
import com.google.crypto.tink.Mac;
import com.google.crypto.tink.PublicKeySign;
import com.google.crypto.tink.PublicKeyVerify;
import com.google.crypto.tink.StreamingAead;
import com.google.crypto.tink.jwt.JwtMac;
import com.google.crypto.tink.jwt.JwtPublicKeySign;
import com.google.crypto.tink.jwt.JwtPublicKeyVerify;
import com.google.crypto.tink.mac.ChunkedMac;
import com.google.crypto.tink.prf.PrfSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The kind of cryptography that the keys of a keyset are for. All keys of a keyset belong to one
 * family, whatever template each of them was created from.
 *
 * @since 0.1
 */
public enum PrimitiveFamily {
  AEAD("AES256_GCM", TemplateNames.AEAD, Aead.class),

  DETERMINISTIC_AEAD("AES256_SIV", TemplateNames.DETERMINISTIC_AEAD, DeterministicAead.class),

  STREAMING_AEAD("AES256_GCM_HKDF_1MB", TemplateNames.STREAMING_AEAD, StreamingAead.class),

  MAC("HMAC_SHA256_256BITTAG", TemplateNames.MAC, Mac.class, ChunkedMac.class),

  PRF("HMAC_SHA256_PRF", TemplateNames.PRF, PrfSet.class),

  SIGNATURE("ED25519", TemplateNames.SIGNATURE, PublicKeySign.class, PublicKeyVerify.class),

  HYBRID(
      "DHKEM_X25519_HKDF_SHA256_HKDF_SHA256_AES_256_GCM",
      TemplateNames.HYBRID,
      HybridEncrypt.class,
      HybridDecrypt.class),

  JWT_MAC("JWT_HS256", TemplateNames.JWT_MAC, JwtMac.class),

  JWT_SIGNATURE(
      "JWT_ES256", TemplateNames.JWT_SIGNATURE, JwtPublicKeySign.class, JwtPublicKeyVerify.class);

  private static final Set<Class<?>> NEED_PUBLIC_KEYS_ONLY =
      Set.of(PublicKeyVerify.class, HybridEncrypt.class, JwtPublicKeyVerify.class);

  private final String example;
  private final List<String> templates;
  private final List<Class<?>> interfaces;

  PrimitiveFamily(String example, List<String> templates, Class<?>... interfaces) {
    this.example = example;
    this.templates = templates;
    this.interfaces = List.of(interfaces);
  }

  /** The names of the key templates of this family, as Tink spells them. */
  public List<String> templates() {
    return templates;
  }

  /** The template that suits most uses, for messages and examples. */
  public String example() {
    return example;
  }

  /** The Tink interfaces that a keyset of this family provides. */
  public List<Class<?>> interfaces() {
    return interfaces;
  }

  /** Those interfaces in words, such as {@code PublicKeySign and PublicKeyVerify}. */
  public String interfaceNames() {
    return names(interfaces);
  }

  /** Interfaces in words, such as {@code PublicKeySign and PublicKeyVerify}. */
  public static String names(List<Class<?>> interfaces) {
    return interfaces.stream().map(Class::getSimpleName).collect(Collectors.joining(" and "));
  }

  /**
   * Whether equal inputs must give equal outputs indefinitely, so that a rotation breaks what was
   * stored or indexed by them.
   */
  public boolean outputsChange() {
    return this == DETERMINISTIC_AEAD || this == PRF;
  }

  /**
   * Whether its ciphertexts carry the id of their key, except in {@code RAW} variants, so that a
   * {@code Reencryptor} can tell which ones to re-encrypt.
   */
  public boolean canReencrypt() {
    return this == AEAD || this == DETERMINISTIC_AEAD || this == HYBRID;
  }

  /** Whether its keys have public halves that other applications may hold. */
  public boolean hasPublicKeys() {
    return interfaces.stream().anyMatch(PrimitiveFamily::needsPublicKeysOnly);
  }

  /** Whether a Tink interface works without the private keys. */
  public static boolean needsPublicKeysOnly(Class<?> type) {
    return NEED_PUBLIC_KEYS_ONLY.contains(type);
  }
}
