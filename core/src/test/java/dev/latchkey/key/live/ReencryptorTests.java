package dev.latchkey.key.live;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import com.google.crypto.tink.DeterministicAead;
import com.google.crypto.tink.HybridDecrypt;
import com.google.crypto.tink.HybridEncrypt;
import dev.latchkey.LatchkeyException;
import dev.latchkey.key.PrimitiveFamily;
import dev.latchkey.key.live.internal.KeysetRegistry;
import dev.latchkey.test.internal.RotatingKeyset;
import java.security.GeneralSecurityException;
import java.util.Map;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ReencryptorTests {

  private static final byte[] PLAINTEXT = "DE02 1203".getBytes(UTF_8);
  private static final byte[] ASSOCIATED_DATA = "customer 7".getBytes(UTF_8);

  @ParameterizedTest
  @ValueSource(strings = {"AES256_GCM", "CHACHA20_POLY1305", "AES256_CTR_HMAC_SHA256"})
  void bringsAnOldCiphertextUnderThePrimaryKey(String template) throws Exception {
    RotatingKeyset keyset = new RotatingKeyset(template);
    Reencryptor reencryptor = keyset.reencryptor();
    long first = keyset.primaryKeyId();
    byte[] old = keyset.aead().encrypt(PLAINTEXT, ASSOCIATED_DATA);
    assertThat(reencryptor.usesPrimaryKey(old)).isTrue();

    keyset.rotate();

    assertThat(reencryptor.usesPrimaryKey(old)).isFalse();
    assertThat(reencryptor.keyId(old)).hasValue(first);
    byte[] renewed = reencryptor.reencrypt(old, ASSOCIATED_DATA);
    assertThat(reencryptor.usesPrimaryKey(renewed)).isTrue();
    assertThat(reencryptor.keyId(renewed))
        .hasValue(keyset.primaryKeyId())
        .isEqualTo(OptionalLong.of(reencryptor.primaryKeyId()));
    assertThat(keyset.aead().decrypt(renewed, ASSOCIATED_DATA)).isEqualTo(PLAINTEXT);
  }

  @Test
  void renewsWhatIsEncryptedDeterministically() throws Exception {
    RotatingKeyset keyset = new RotatingKeyset("AES256_SIV");
    DeterministicAead aead = keyset.registry().primitive("orders", DeterministicAead.class);
    byte[] old = aead.encryptDeterministically(PLAINTEXT, ASSOCIATED_DATA);

    keyset.rotate();

    assertThat(keyset.reencryptor().usesPrimaryKey(old)).isFalse();
    assertThat(keyset.reencryptor().reencrypt(old, ASSOCIATED_DATA))
        .isEqualTo(aead.encryptDeterministically(PLAINTEXT, ASSOCIATED_DATA));
  }

  @Test
  void renewsWhatIsEncryptedForAPublicKey() throws Exception {
    RotatingKeyset keyset = new RotatingKeyset("DHKEM_X25519_HKDF_SHA256_HKDF_SHA256_AES_256_GCM");
    KeysetRegistry registry = keyset.registry();
    byte[] old =
        registry.primitive("orders", HybridEncrypt.class).encrypt(PLAINTEXT, ASSOCIATED_DATA);

    keyset.rotate();

    byte[] renewed = keyset.reencryptor().reencrypt(old, ASSOCIATED_DATA);
    assertThat(keyset.reencryptor().usesPrimaryKey(old)).isFalse();
    assertThat(keyset.reencryptor().usesPrimaryKey(renewed)).isTrue();
    assertThat(registry.primitive("orders", HybridDecrypt.class).decrypt(renewed, ASSOCIATED_DATA))
        .isEqualTo(PLAINTEXT);
  }

  @Test
  void leavesCiphertextsAloneWhenAnInstanceAheadUsesTheSpare() throws Exception {
    RotatingKeyset keyset = new RotatingKeyset("AES256_GCM");
    byte[] old = keyset.aead().encrypt(PLAINTEXT, ASSOCIATED_DATA);
    keyset.rotate();
    KeysetRegistry behind = keyset.behind();
    keyset.rotate();
    byte[] ahead = keyset.reencryptor().reencrypt(old, ASSOCIATED_DATA);
    Reencryptor reencryptor = behind.reencryptor("orders");

    assertThat(reencryptor.usesPrimaryKey(ahead)).isFalse();
    assertThat(reencryptor.needsReencryption(ahead)).isFalse();
    assertThat(reencryptor.needsReencryption(old)).isTrue();
    assertThat(reencryptor.needsReencryption(reencryptor.reencrypt(old, ASSOCIATED_DATA)))
        .isFalse();
    assertThat(keyset.reencryptor().needsReencryption(ahead)).isFalse();
  }

  @Test
  void refusesWhatDoesNotDecrypt() throws Exception {
    RotatingKeyset keyset = new RotatingKeyset("AES256_GCM");
    byte[] ciphertext = keyset.aead().encrypt(PLAINTEXT, ASSOCIATED_DATA);

    assertThatExceptionOfType(GeneralSecurityException.class)
        .isThrownBy(() -> keyset.reencryptor().reencrypt(ciphertext, new byte[0]));
  }

  @Test
  void knowsNoKeyOfWhatNamesNone() throws Exception {
    RotatingKeyset keyset = new RotatingKeyset("AES256_GCM");
    byte[] ofAnother = new RotatingKeyset("AES256_GCM").aead().encrypt(PLAINTEXT, ASSOCIATED_DATA);

    for (byte[] bytes : new byte[][] {{}, {1}, {1, 0, 0, 0}, {0, 0, 0, 0, 0, 0}, ofAnother}) {
      assertThat(keyset.reencryptor().keyId(bytes)).isEmpty();
      assertThat(keyset.reencryptor().usesPrimaryKey(bytes)).isFalse();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"AES256_GCM_RAW", "AES256_SIV_RAW"})
  void isRefusedWhenCiphertextsCarryNoKeyId(String template) {
    assertThatExceptionOfType(LatchkeyException.class)
        .isThrownBy(() -> new RotatingKeyset(template).reencryptor())
        .withMessage(
            "Ciphertexts of keyset orders carry no key id, so those to re-encrypt cannot be identified")
        .satisfies(
            ex ->
                assertThat(ex.action())
                    .startsWith("Set the keyset's template to the variant without RAW"));
  }

  @Test
  void renewsWhatIsRawOnceTheTemplateHasIds() throws Exception {
    RotatingKeyset keyset = new RotatingKeyset("AES256_GCM_RAW");
    byte[] raw = keyset.aead().encrypt(PLAINTEXT, ASSOCIATED_DATA);
    keyset.rotate("AES256_GCM");
    keyset.rotate("AES256_GCM");

    Reencryptor reencryptor = keyset.reencryptor();
    assertThat(reencryptor.keyId(raw)).isEmpty();
    assertThat(reencryptor.usesPrimaryKey(raw)).isFalse();
    assertThat(reencryptor.usesPrimaryKey(reencryptor.reencrypt(raw, ASSOCIATED_DATA))).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "AES256_GCM_HKDF_1MB,StreamingAead",
    "HMAC_SHA256_256BITTAG,Mac and ChunkedMac",
    "ED25519,PublicKeySign and PublicKeyVerify",
    "HMAC_SHA256_PRF,PrfSet",
    "JWT_HS256,JwtMac"
  })
  void isNoneForWhatIsNoCiphertext(String template, String given) {
    assertThatExceptionOfType(LatchkeyException.class)
        .isThrownBy(() -> new RotatingKeyset(template).reencryptor())
        .withMessage("Output of keyset orders cannot be re-encrypted")
        .satisfies(ex -> assertThat(ex.action()).startsWith("The keyset provides " + given + ". "));
  }

  @Test
  void isNoneForTheFamiliesThatSaySo() {
    for (PrimitiveFamily family : PrimitiveFamily.values()) {
      KeysetRegistry registry = new RotatingKeyset(family.example()).registry();
      if (family.canReencrypt()) {
        assertThat(registry.reencryptor("orders").keyset()).isEqualTo("orders");
      } else {
        assertThatExceptionOfType(LatchkeyException.class)
            .isThrownBy(() -> registry.reencryptor("orders"));
      }
    }
  }

  @Test
  void isNoneBeforeTheKeysetIsLoaded() {
    KeysetRegistry registry = new KeysetRegistry(Map.of("orders", PrimitiveFamily.AEAD));

    assertThatIllegalStateException()
        .isThrownBy(() -> registry.reencryptor("orders"))
        .withMessageContaining("not loaded yet");
  }
}
