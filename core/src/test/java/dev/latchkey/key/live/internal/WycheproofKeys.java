package dev.latchkey.key.live.internal;

import com.google.crypto.tink.InsecureSecretKeyAccess;
import com.google.crypto.tink.Key;
import com.google.crypto.tink.aead.AesEaxKey;
import com.google.crypto.tink.aead.AesEaxParameters;
import com.google.crypto.tink.aead.AesGcmKey;
import com.google.crypto.tink.aead.AesGcmParameters;
import com.google.crypto.tink.aead.ChaCha20Poly1305Key;
import com.google.crypto.tink.aead.XChaCha20Poly1305Key;
import com.google.crypto.tink.daead.AesSivKey;
import com.google.crypto.tink.daead.AesSivParameters;
import com.google.crypto.tink.mac.AesCmacKey;
import com.google.crypto.tink.mac.AesCmacParameters;
import com.google.crypto.tink.mac.HmacKey;
import com.google.crypto.tink.mac.HmacParameters;
import com.google.crypto.tink.prf.AesCmacPrfKey;
import com.google.crypto.tink.prf.AesCmacPrfParameters;
import com.google.crypto.tink.prf.HkdfPrfKey;
import com.google.crypto.tink.prf.HkdfPrfParameters;
import com.google.crypto.tink.prf.HmacPrfKey;
import com.google.crypto.tink.prf.HmacPrfParameters;
import com.google.crypto.tink.signature.EcdsaParameters;
import com.google.crypto.tink.signature.EcdsaPublicKey;
import com.google.crypto.tink.signature.Ed25519PublicKey;
import com.google.crypto.tink.signature.RsaSsaPkcs1Parameters;
import com.google.crypto.tink.signature.RsaSsaPkcs1PublicKey;
import com.google.crypto.tink.signature.RsaSsaPssParameters;
import com.google.crypto.tink.signature.RsaSsaPssPublicKey;
import com.google.crypto.tink.util.Bytes;
import com.google.crypto.tink.util.SecretBytes;
import java.security.GeneralSecurityException;
import java.security.spec.ECPoint;
import java.util.HexFormat;

/** The key of a test vector as a key of Tink, without a prefix. */
@FunctionalInterface
interface WycheproofKeys {

  Key of(WycheproofVector vector) throws GeneralSecurityException;

  static Key aesGcm(WycheproofVector vector) throws GeneralSecurityException {
    return AesGcmKey.builder()
        .setParameters(
            AesGcmParameters.builder()
                .setKeySizeBytes(bytes(vector, "keySize"))
                .setIvSizeBytes(bytes(vector, "ivSize"))
                .setTagSizeBytes(bytes(vector, "tagSize"))
                .build())
        .setKeyBytes(secret(vector, "key"))
        .build();
  }

  static Key aesEax(WycheproofVector vector) throws GeneralSecurityException {
    return AesEaxKey.builder()
        .setParameters(
            AesEaxParameters.builder()
                .setKeySizeBytes(bytes(vector, "keySize"))
                .setIvSizeBytes(bytes(vector, "ivSize"))
                .setTagSizeBytes(bytes(vector, "tagSize"))
                .build())
        .setKeyBytes(secret(vector, "key"))
        .build();
  }

  static Key chaCha20Poly1305(WycheproofVector vector) throws GeneralSecurityException {
    return ChaCha20Poly1305Key.create(secret(vector, "key"));
  }

  static Key xChaCha20Poly1305(WycheproofVector vector) throws GeneralSecurityException {
    return XChaCha20Poly1305Key.create(secret(vector, "key"));
  }

  static Key aesSiv(WycheproofVector vector) throws GeneralSecurityException {
    return AesSivKey.builder()
        .setParameters(AesSivParameters.builder().setKeySizeBytes(bytes(vector, "keySize")).build())
        .setKeyBytes(secret(vector, "key"))
        .build();
  }

  static Key aesCmac(WycheproofVector vector) throws GeneralSecurityException {
    return AesCmacKey.builder()
        .setParameters(
            AesCmacParameters.builder()
                .setKeySizeBytes(bytes(vector, "keySize"))
                .setTagSizeBytes(bytes(vector, "tagSize"))
                .build())
        .setAesKeyBytes(secret(vector, "key"))
        .build();
  }

  static WycheproofKeys hmac(HmacParameters.HashType hash) {
    return vector ->
        HmacKey.builder()
            .setParameters(
                HmacParameters.builder()
                    .setKeySizeBytes(bytes(vector, "keySize"))
                    .setTagSizeBytes(bytes(vector, "tagSize"))
                    .setHashType(hash)
                    .build())
            .setKeyBytes(secret(vector, "key"))
            .build();
  }

  static Key aesCmacPrf(WycheproofVector vector) throws GeneralSecurityException {
    return AesCmacPrfKey.create(
        AesCmacPrfParameters.create(bytes(vector, "keySize")), secret(vector, "key"));
  }

  static WycheproofKeys hmacPrf(HmacPrfParameters.HashType hash) {
    return vector ->
        HmacPrfKey.builder()
            .setParameters(
                HmacPrfParameters.builder()
                    .setKeySizeBytes(bytes(vector, "keySize"))
                    .setHashType(hash)
                    .build())
            .setKeyBytes(secret(vector, "key"))
            .build();
  }

  static WycheproofKeys hkdfPrf(HkdfPrfParameters.HashType hash) {
    return vector ->
        HkdfPrfKey.builder()
            .setParameters(
                HkdfPrfParameters.builder()
                    .setKeySizeBytes(bytes(vector, "keySize"))
                    .setHashType(hash)
                    .setSalt(Bytes.copyFrom(vector.bytes("salt")))
                    .build())
            .setKeyBytes(secret(vector, "ikm"))
            .build();
  }

  static Key ed25519(WycheproofVector vector) throws GeneralSecurityException {
    return Ed25519PublicKey.create(
        Bytes.copyFrom(HexFormat.of().parseHex(vector.publicKey().required("pk").asString())));
  }

  static WycheproofKeys ecdsa(
      EcdsaParameters.CurveType curve,
      EcdsaParameters.HashType hash,
      EcdsaParameters.SignatureEncoding encoding) {
    return vector ->
        EcdsaPublicKey.builder()
            .setParameters(
                EcdsaParameters.builder()
                    .setCurveType(curve)
                    .setHashType(hash)
                    .setSignatureEncoding(encoding)
                    .build())
            .setPublicPoint(new ECPoint(vector.publicNumber("wx"), vector.publicNumber("wy")))
            .build();
  }

  static WycheproofKeys rsaPkcs1(RsaSsaPkcs1Parameters.HashType hash) {
    return vector ->
        RsaSsaPkcs1PublicKey.builder()
            .setParameters(
                RsaSsaPkcs1Parameters.builder()
                    .setModulusSizeBits(vector.common("keySize"))
                    .setPublicExponent(vector.publicNumber("publicExponent"))
                    .setHashType(hash)
                    .build())
            .setModulus(vector.publicNumber("modulus"))
            .build();
  }

  static WycheproofKeys rsaPss(RsaSsaPssParameters.HashType hash) {
    return vector ->
        RsaSsaPssPublicKey.builder()
            .setParameters(
                RsaSsaPssParameters.builder()
                    .setModulusSizeBits(vector.common("keySize"))
                    .setPublicExponent(vector.publicNumber("publicExponent"))
                    .setSigHashType(hash)
                    .setMgf1HashType(hash)
                    .setSaltLengthBytes(vector.common("sLen"))
                    .build())
            .setModulus(vector.publicNumber("modulus"))
            .build();
  }

  private static int bytes(WycheproofVector vector, String size) {
    return vector.common(size) / 8;
  }

  private static SecretBytes secret(WycheproofVector vector, String field) {
    return SecretBytes.copyFrom(vector.bytes(field), InsecureSecretKeyAccess.get());
  }
}
