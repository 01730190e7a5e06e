package dev.latchkey.key.live.internal;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.crypto.tink.Aead;
import com.google.crypto.tink.DeterministicAead;
import com.google.crypto.tink.KeysetHandle;
import com.google.crypto.tink.Mac;
import com.google.crypto.tink.PublicKeyVerify;
import com.google.crypto.tink.mac.ChunkedMac;
import com.google.crypto.tink.mac.ChunkedMacComputation;
import com.google.crypto.tink.mac.ChunkedMacVerification;
import com.google.crypto.tink.mac.HmacParameters;
import com.google.crypto.tink.prf.HkdfPrfParameters;
import com.google.crypto.tink.prf.HmacPrfParameters;
import com.google.crypto.tink.prf.PrfSet;
import com.google.crypto.tink.signature.EcdsaParameters.CurveType;
import com.google.crypto.tink.signature.EcdsaParameters.HashType;
import com.google.crypto.tink.signature.EcdsaParameters.SignatureEncoding;
import com.google.crypto.tink.signature.RsaSsaPkcs1Parameters;
import com.google.crypto.tink.signature.RsaSsaPssParameters;
import com.google.crypto.tink.subtle.Bytes;
import dev.latchkey.LatchkeyException;
import dev.latchkey.key.PrimitiveFamily;
import dev.latchkey.key.internal.KeyIds;
import java.io.File;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What users hold, against the attacks and the corner cases that Project Wycheproof knows. The
 * vectors' source and licence stand beside them.
 */
class WycheproofTests {

  /**
   * Java 17 forgets to reduce a coordinate when it verifies an ECDSA signature, and so refuses a
   * valid one if that is greater than the order of the curve: it is for one in 2^128 on P-256, and
   * for fewer on the others. Java 25 does not.
   */
  private static final Predicate<WycheproofVector> JAVA_MAY_REFUSE =
      vector ->
          Runtime.version().feature() < 25
              && (vector.comment().equals("k*G has a large x-coordinate")
                  || vector.comment().endsWith("is the smallest possible x with a reduction"));

  /** The numbers are of the vectors whose keys, IVs and tags are of a size that Tink has. */
  static Stream<Suite<?>> suites() {
    return Stream.of(
        aead(
            "aes_gcm",
            133,
            common("ivSize", 96).and(common("keySize", 128, 256)),
            WycheproofKeys::aesGcm),
        aead(
            "aes_eax",
            148,
            common("ivSize", 96, 128).and(common("keySize", 128, 256)),
            WycheproofKeys::aesEax),
        aead("chacha20_poly1305", 316, common("ivSize", 96), WycheproofKeys::chaCha20Poly1305),
        aead("xchacha20_poly1305", 306, common("ivSize", 192), WycheproofKeys::xChaCha20Poly1305),
        daead("aes_siv_cmac", 147, common("keySize", 512), WycheproofKeys::aesSiv),
        mac("aes_cmac", 102, common("keySize", 256), WycheproofKeys::aesCmac),
        mac("hmac_sha256", 174, all(), WycheproofKeys.hmac(HmacParameters.HashType.SHA256)),
        mac("hmac_sha512", 174, all(), WycheproofKeys.hmac(HmacParameters.HashType.SHA512)),
        chunkedMac("aes_cmac", 102, common("keySize", 256), WycheproofKeys::aesCmac),
        chunkedMac("hmac_sha256", 174, all(), WycheproofKeys.hmac(HmacParameters.HashType.SHA256)),
        chunkedMac("hmac_sha512", 174, all(), WycheproofKeys.hmac(HmacParameters.HashType.SHA512)),
        prf(
            "aes_cmac",
            102,
            common("keySize", 256),
            WycheproofKeys::aesCmacPrf,
            WycheproofTests::computeTag),
        prf(
            "hmac_sha256",
            174,
            all(),
            WycheproofKeys.hmacPrf(HmacPrfParameters.HashType.SHA256),
            WycheproofTests::computeTag),
        prf(
            "hmac_sha512",
            174,
            all(),
            WycheproofKeys.hmacPrf(HmacPrfParameters.HashType.SHA512),
            WycheproofTests::computeTag),
        prf(
            "hkdf_sha256",
            38,
            common("keySize", 256, 640),
            WycheproofKeys.hkdfPrf(HkdfPrfParameters.HashType.SHA256),
            WycheproofTests::derive),
        signature("ed25519", 151, all(), WycheproofKeys::ed25519),
        signature(
            "ecdsa_secp256r1_sha256",
            484,
            all(),
            WycheproofKeys.ecdsa(CurveType.NIST_P256, HashType.SHA256, SignatureEncoding.DER)),
        signature(
            "ecdsa_secp384r1_sha512_p1363",
            318,
            all(),
            WycheproofKeys.ecdsa(
                CurveType.NIST_P384, HashType.SHA512, SignatureEncoding.IEEE_P1363)),
        signature(
            "ecdsa_secp521r1_sha512_p1363",
            318,
            all(),
            WycheproofKeys.ecdsa(
                CurveType.NIST_P521, HashType.SHA512, SignatureEncoding.IEEE_P1363)),
        signature(
            "rsa_signature_3072_sha256",
            258,
            vector -> vector.publicNumber("publicExponent").equals(RsaSsaPkcs1Parameters.F4),
            WycheproofKeys.rsaPkcs1(RsaSsaPkcs1Parameters.HashType.SHA256)),
        signature(
            "rsa_pss_3072_sha256_mgf1_32",
            108,
            all(),
            WycheproofKeys.rsaPss(RsaSsaPssParameters.HashType.SHA256)));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("suites")
  void acceptsWhatIsValidAndRefusesWhatIsNot(Suite<?> suite) {
    List<WycheproofVector> vectors = suite.vectors();

    assertThat(vectors).hasSize(suite.size());
    assertThat(suite.problems(vectors)).isEmpty();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("suites")
  void findsAVectorThatWasChanged(Suite<?> suite) {
    WycheproofVector valid =
        suite.vectors().stream().filter(WycheproofVector::mustPass).findFirst().orElseThrow();
    WycheproofVector invalid =
        suite.vectors().stream().filter(WycheproofVector::mustFail).findFirst().orElseThrow();

    assertThat(
            suite.problems(
                List.of(
                    valid,
                    valid.withOneBitFlipped(),
                    valid.withResult("invalid"),
                    invalid,
                    invalid.withResult("valid"))))
        .satisfiesExactly(
            flipped -> assertThat(flipped).startsWith(valid + ": refused"),
            passed -> assertThat(passed).startsWith("invalid vector").endsWith(": accepted"),
            failed -> assertThat(failed).startsWith("valid vector").contains(": refused"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("suites")
  void leavesOutOnlyWhatTinkHasNoKeyFor(Suite<?> suite) {
    assertThat(WycheproofVector.in(suite.file()))
        .filteredOn(suite.fits().negate())
        .noneMatch(suite::canRun);
  }

  @Test
  void runsEveryFileThatIsHere() throws Exception {
    String[] files =
        new File(WycheproofTests.class.getResource("/wycheproof").toURI())
            .list((directory, name) -> name.endsWith(".json"));

    assertThat(suites().map(suite -> suite.file() + "_test.json").distinct())
        .containsExactlyInAnyOrder(files);
  }

  private static Suite<Aead> aead(
      String file, int size, Predicate<WycheproofVector> fits, WycheproofKeys key) {
    return new Suite<>(
        file, size, fits, key, PrimitiveFamily.AEAD, Aead.class, WycheproofTests::decrypt);
  }

  private static Suite<DeterministicAead> daead(
      String file, int size, Predicate<WycheproofVector> fits, WycheproofKeys key) {
    return new Suite<>(
        file,
        size,
        fits,
        key,
        PrimitiveFamily.DETERMINISTIC_AEAD,
        DeterministicAead.class,
        WycheproofTests::decrypt);
  }

  private static Suite<Mac> mac(
      String file, int size, Predicate<WycheproofVector> fits, WycheproofKeys key) {
    return new Suite<>(
        file, size, fits, key, PrimitiveFamily.MAC, Mac.class, WycheproofTests::verify);
  }

  private static Suite<ChunkedMac> chunkedMac(
      String file, int size, Predicate<WycheproofVector> fits, WycheproofKeys key) {
    return new Suite<>(
        file, size, fits, key, PrimitiveFamily.MAC, ChunkedMac.class, WycheproofTests::verify);
  }

  private static Suite<PrfSet> prf(
      String file,
      int size,
      Predicate<WycheproofVector> fits,
      WycheproofKeys key,
      Use<PrfSet> use) {
    return new Suite<>(file, size, fits, key, PrimitiveFamily.PRF, PrfSet.class, use);
  }

  private static Suite<PublicKeyVerify> signature(
      String file, int size, Predicate<WycheproofVector> fits, WycheproofKeys key) {
    return new Suite<>(
        file,
        size,
        fits,
        key,
        PrimitiveFamily.SIGNATURE,
        PublicKeyVerify.class,
        WycheproofTests::verify);
  }

  private static Predicate<WycheproofVector> all() {
    return vector -> true;
  }

  private static Predicate<WycheproofVector> common(String field, Integer... held) {
    Set<Integer> values = Set.of(held);
    return vector -> values.contains(vector.common(field));
  }

  private static void decrypt(Aead aead, WycheproofVector vector) throws GeneralSecurityException {
    byte[] ciphertext = Bytes.concat(vector.bytes("iv"), vector.bytes("ct"), vector.bytes("tag"));
    assertThat(aead.decrypt(ciphertext, vector.bytes("aad"))).isEqualTo(vector.bytes("msg"));
  }

  private static void decrypt(DeterministicAead daead, WycheproofVector vector)
      throws GeneralSecurityException {
    byte[] ciphertext = vector.bytes("ct");
    byte[] plaintext = vector.bytes("msg");
    byte[] aad = vector.bytes("aad");
    assertThat(daead.decryptDeterministically(ciphertext, aad)).isEqualTo(plaintext);
    assertThat(daead.encryptDeterministically(plaintext, aad)).isEqualTo(ciphertext);
  }

  private static void verify(Mac mac, WycheproofVector vector) throws GeneralSecurityException {
    mac.verifyMac(vector.bytes("tag"), vector.bytes("msg"));
    assertThat(mac.computeMac(vector.bytes("msg"))).isEqualTo(vector.bytes("tag"));
  }

  private static void verify(ChunkedMac mac, WycheproofVector vector)
      throws GeneralSecurityException {
    byte[] data = vector.bytes("msg");
    int middle = data.length / 2;
    ByteBuffer first = ByteBuffer.wrap(data, 0, middle);
    ByteBuffer second = ByteBuffer.wrap(data, middle, data.length - middle);

    ChunkedMacVerification verification = mac.createVerification(vector.bytes("tag"));
    verification.update(first.duplicate());
    verification.update(second.duplicate());
    verification.verifyMac();

    ChunkedMacComputation computation = mac.createComputation();
    computation.update(first);
    computation.update(second);
    assertThat(computation.computeMac()).isEqualTo(vector.bytes("tag"));
  }

  private static void computeTag(PrfSet prfs, WycheproofVector vector)
      throws GeneralSecurityException {
    byte[] tag = vector.bytes("tag");
    compare(tag, prfs.computePrimary(vector.bytes("msg"), vector.common("tagSize") / 8));
  }

  private static void derive(PrfSet prfs, WycheproofVector vector) throws GeneralSecurityException {
    byte[] derived = prfs.computePrimary(vector.bytes("info"), vector.number("size"));
    compare(vector.bytes("okm"), derived);
  }

  /** Nothing is verified by a pseudo-random function itself: its users compare. */
  private static void compare(byte[] expected, byte[] computed) throws GeneralSecurityException {
    if (!Arrays.equals(expected, computed)) {
      throw new GeneralSecurityException("another output");
    }
  }

  private static void verify(PublicKeyVerify keys, WycheproofVector vector)
      throws GeneralSecurityException {
    keys.verify(vector.bytes("sig"), vector.bytes("msg"));
  }

  /**
   * The vectors of a file, run with one primitive.
   *
   * @param size how many of them fit
   * @param fits which of them have keys, and what keys make, of a kind that Tink has
   * @param use what must fail if, and only if, the vector is invalid
   */
  private record Suite<P>(
      String file,
      int size,
      Predicate<WycheproofVector> fits,
      WycheproofKeys key,
      PrimitiveFamily family,
      Class<P> type,
      Use<P> use) {

    List<WycheproofVector> vectors() {
      return WycheproofVector.in(file).stream()
          .filter(fits)
          .map(vector -> JAVA_MAY_REFUSE.test(vector) ? vector.withResult("acceptable") : vector)
          .toList();
    }

    List<String> problems(List<WycheproofVector> vectors) {
      return vectors.stream().flatMap(vector -> problem(vector).stream()).toList();
    }

    private Optional<String> problem(WycheproofVector vector) {
      P primitive = primitive(vector);
      try {
        use.on(primitive, vector);
        return vector.mustFail() ? Optional.of(vector + ": accepted") : Optional.empty();
      } catch (GeneralSecurityException ex) {
        return vector.mustPass() ? Optional.of(vector + ": refused, " + ex) : Optional.empty();
      } catch (RuntimeException | AssertionError ex) {
        return Optional.of(vector + ": broken, " + ex);
      }
    }

    /** Whether there is such a key, and it makes ciphertexts with such an IV and tag. */
    boolean canRun(WycheproofVector vector) {
      try {
        return !(primitive(vector) instanceof Aead aead)
            || aead.encrypt(new byte[0], new byte[0]).length * 8
                == vector.common("ivSize") + vector.common("tagSize");
      } catch (IllegalStateException | LatchkeyException | GeneralSecurityException ex) {
        return false;
      }
    }

    /** What a user would hold if the vector's key were the one in the keyset. */
    private P primitive(WycheproofVector vector) {
      LiveKeyset keyset =
          new LiveKeyset(
              family,
              family.hasPublicKeys() ? List.of(PublicKeyVerify.class) : family.interfaces(),
              () -> false,
              id -> {});
      try {
        keyset.swap(
            KeysetHandle.newBuilder()
                .addEntry(KeysetHandle.importKey(key.of(vector)).withRandomId().makePrimary())
                .build(),
            KeyIds.NONE);
      } catch (GeneralSecurityException ex) {
        throw new IllegalStateException("Tink has no key for " + vector, ex);
      }
      return keyset.primitive(type);
    }

    @Override
    public String toString() {
      return file + " with " + type.getSimpleName();
    }
  }

  @FunctionalInterface
  private interface Use<P> {
    void on(P primitive, WycheproofVector vector) throws GeneralSecurityException;
  }
}
