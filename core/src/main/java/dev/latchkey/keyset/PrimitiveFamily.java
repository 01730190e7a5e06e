package dev.latchkey.keyset;

import com.google.crypto.tink.Aead;
import com.google.crypto.tink.DeterministicAead;
import com.google.crypto.tink.HybridDecrypt;
import com.google.crypto.tink.HybridEncrypt;
import com.google.crypto.tink.Mac;
import com.google.crypto.tink.PublicKeySign;
import com.google.crypto.tink.PublicKeyVerify;
import com.google.crypto.tink.StreamingAead;
import com.google.crypto.tink.aead.AeadConfig;
import com.google.crypto.tink.config.GlobalTinkFlags;
import com.google.crypto.tink.daead.DeterministicAeadConfig;
import com.google.crypto.tink.hybrid.HybridConfig;
import com.google.crypto.tink.jwt.JwtMac;
import com.google.crypto.tink.jwt.JwtMacConfig;
import com.google.crypto.tink.jwt.JwtPublicKeySign;
import com.google.crypto.tink.jwt.JwtPublicKeyVerify;
import com.google.crypto.tink.jwt.JwtSignatureConfig;
import com.google.crypto.tink.mac.ChunkedMac;
import com.google.crypto.tink.mac.MacConfig;
import com.google.crypto.tink.prf.PrfConfig;
import com.google.crypto.tink.prf.PrfSet;
import com.google.crypto.tink.signature.SignatureConfig;
import com.google.crypto.tink.streamingaead.StreamingAeadConfig;
import java.security.GeneralSecurityException;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * What the keys of one keyset can be used for. All keys of a keyset are of one family, whatever
 * template each was made from.
 *
 * @since 0.1
 */
public enum PrimitiveFamily {
  AEAD(
      "AES256_GCM", TemplateNames.AEAD, AeadConfig::register, primitive(Aead.class, LiveAead::new)),

  DETERMINISTIC_AEAD(
      "AES256_SIV",
      TemplateNames.DETERMINISTIC_AEAD,
      DeterministicAeadConfig::register,
      primitive(DeterministicAead.class, LiveDeterministicAead::new)),

  STREAMING_AEAD(
      "AES256_GCM_HKDF_1MB",
      TemplateNames.STREAMING_AEAD,
      StreamingAeadConfig::register,
      primitive(StreamingAead.class, LiveStreamingAead::new)),

  MAC(
      "HMAC_SHA256_256BITTAG",
      TemplateNames.MAC,
      MacConfig::register,
      primitive(Mac.class, LiveMac::new),
      primitive(ChunkedMac.class, LiveChunkedMac::new)),

  PRF(
      "HMAC_SHA256_PRF",
      TemplateNames.PRF,
      PrfConfig::register,
      primitive(PrfSet.class, LivePrfSet::new)),

  SIGNATURE(
      "ED25519",
      TemplateNames.SIGNATURE,
      SignatureConfig::register,
      primitive(PublicKeySign.class, LivePublicKeySign::new),
      publicPrimitive(PublicKeyVerify.class, LivePublicKeyVerify::new)),

  HYBRID(
      "DHKEM_X25519_HKDF_SHA256_HKDF_SHA256_AES_256_GCM",
      TemplateNames.HYBRID,
      HybridConfig::register,
      publicPrimitive(HybridEncrypt.class, LiveHybridEncrypt::new),
      primitive(HybridDecrypt.class, LiveHybridDecrypt::new)),

  JWT_MAC(
      "JWT_HS256",
      TemplateNames.JWT_MAC,
      JwtMacConfig::register,
      primitive(JwtMac.class, LiveJwtMac::new)),

  JWT_SIGNATURE(
      "JWT_ES256",
      TemplateNames.JWT_SIGNATURE,
      JwtSignatureConfig::register,
      primitive(JwtPublicKeySign.class, LiveJwtPublicKeySign::new),
      publicPrimitive(JwtPublicKeyVerify.class, LiveJwtPublicKeyVerify::new));

  private final String example;
  private final List<String> templates;
  private final Registration registration;
  private final List<Primitive<?>> primitives;
  private volatile boolean registered;

  PrimitiveFamily(
      String example,
      List<String> templates,
      Registration registration,
      Primitive<?>... primitives) {
    this.example = example;
    this.templates = templates;
    this.registration = registration;
    this.primitives = List.of(primitives);
  }

  /** The names of the key templates of this family, as Tink spells them. */
  public List<String> templates() {
    return templates;
  }

  /** The template that suits most uses, for messages and examples. */
  public String example() {
    return example;
  }

  /** The Tink interfaces that a keyset of this family gives. */
  public List<Class<?>> interfaces() {
    return primitives.stream().<Class<?>>map(Primitive::type).toList();
  }

  /** Those interfaces in words, such as {@code PublicKeySign and PublicKeyVerify}. */
  public String interfaceNames() {
    return names(interfaces());
  }

  /** Interfaces in words, such as {@code PublicKeySign and PublicKeyVerify}. */
  public static String names(List<Class<?>> interfaces) {
    return interfaces.stream().map(Class::getSimpleName).collect(Collectors.joining(" and "));
  }

  /**
   * Whether equal inputs are meant to give equal outputs for ever, so that a rotation breaks what
   * was stored or indexed by them.
   */
  public boolean outputsChange() {
    return this == DETERMINISTIC_AEAD || this == PRF;
  }

  /**
   * Whether it makes ciphertexts that carry the id of their key (but for the {@code RAW} variants),
   * so that a {@link Reencryptor} can tell which are to be renewed.
   */
  public boolean canRenew() {
    return this == AEAD || this == DETERMINISTIC_AEAD || this == HYBRID;
  }

  /** Whether its keys have public halves that others may hold. */
  public boolean hasPublicKeys() {
    return primitives.stream().anyMatch(Primitive::publicHalf);
  }

  /**
   * Makes Tink ready for this family, and for no other: each costs tens of milliseconds the first
   * time, and nothing after that. Needed before a key is made or a keyset is parsed.
   */
  void register() {
    if (registered) {
      return;
    }
    GlobalTinkFlags.validateKeysetsOnParsing.setValue(true);
    try {
      registration.register();
      registered = true;
    } catch (GeneralSecurityException ex) {
      throw new IllegalStateException("Tink cannot be set up for " + interfaceNames(), ex);
    }
  }

  List<Primitive<?>> primitives() {
    return primitives;
  }

  private static <P> Primitive<P> primitive(Class<P> type, Function<LiveKeyset.Slot<P>, P> live) {
    return new Primitive<>(type, live, false);
  }

  private static <P> Primitive<P> publicPrimitive(
      Class<P> type, Function<LiveKeyset.Slot<P>, P> live) {
    return new Primitive<>(type, live, true);
  }

  @FunctionalInterface
  private interface Registration {
    void register() throws GeneralSecurityException;
  }
}
