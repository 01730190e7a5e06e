package dev.latchkey.test;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.crypto.tink.Aead;
import dev.latchkey.key.KeysetId;
import dev.latchkey.key.document.KeyEncryptionKeys;
import java.security.GeneralSecurityException;
import java.util.HexFormat;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * The contract of every {@link KeyEncryptionKeys}. Names are random, so that tests can share a
 * server.
 */
public abstract class KeyEncryptionKeysContract {

  private static final byte[] PLAINTEXT = "a keyset".getBytes(UTF_8);
  private static final byte[] ASSOCIATED_DATA = "where it belongs".getBytes(UTF_8);

  private final KeysetId orders = keyset();
  private final KeysetId tokens = keyset();

  /** The keys under test, the same throughout a test. */
  protected abstract KeyEncryptionKeys keys();

  @BeforeEach
  void createKeys() {
    keys().createIfAbsent(orders);
    keys().createIfAbsent(tokens);
  }

  @Test
  void decryptsWhatItEncrypted() throws GeneralSecurityException {
    for (int size : new int[] {0, 1, 256, 64 * 1024}) {
      byte[] plaintext = new byte[size];
      new Random(size).nextBytes(plaintext);

      byte[] ciphertext = key(orders).encrypt(plaintext, ASSOCIATED_DATA);

      assertThat(key(orders).decrypt(ciphertext, ASSOCIATED_DATA)).isEqualTo(plaintext);
    }
  }

  @Test
  void refusesWhenTheAssociatedDataIsAnother() throws GeneralSecurityException {
    byte[] ciphertext = key(orders).encrypt(PLAINTEXT, ASSOCIATED_DATA);

    assertThatThrownBy(() -> key(orders).decrypt(ciphertext, "elsewhere".getBytes(UTF_8)))
        .isInstanceOf(GeneralSecurityException.class);
    assertThatThrownBy(() -> key(orders).decrypt(ciphertext, new byte[0]))
        .isInstanceOf(GeneralSecurityException.class);
  }

  @Test
  void refusesWhenTheKeyIsAnotherKeysets() throws GeneralSecurityException {
    byte[] ciphertext = key(orders).encrypt(PLAINTEXT, ASSOCIATED_DATA);

    assertThatThrownBy(() -> key(tokens).decrypt(ciphertext, ASSOCIATED_DATA))
        .isInstanceOf(GeneralSecurityException.class);
  }

  @Test
  void refusesWhenTheCiphertextIsChangedOrNoneAtAll() throws GeneralSecurityException {
    byte[] ciphertext = key(orders).encrypt(PLAINTEXT, ASSOCIATED_DATA);
    byte[] changed = ciphertext.clone();
    changed[changed.length - 1] ^= 1;

    assertThatThrownBy(() -> key(orders).decrypt(changed, ASSOCIATED_DATA))
        .isInstanceOf(GeneralSecurityException.class);
    assertThatThrownBy(() -> key(orders).decrypt(new byte[0], ASSOCIATED_DATA))
        .isInstanceOf(GeneralSecurityException.class);
    assertThatThrownBy(() -> key(orders).decrypt("foreign".getBytes(UTF_8), ASSOCIATED_DATA))
        .isInstanceOf(GeneralSecurityException.class);
  }

  @Test
  void keepsTheKeyWhenCreatedAgain() throws GeneralSecurityException {
    byte[] ciphertext = key(orders).encrypt(PLAINTEXT, ASSOCIATED_DATA);

    keys().createIfAbsent(orders);

    assertThat(key(orders).decrypt(ciphertext, ASSOCIATED_DATA)).isEqualTo(PLAINTEXT);
  }

  private Aead key(KeysetId keyset) {
    return keys().forKeyset(keyset);
  }

  private static KeysetId keyset() {
    byte[] suffix = new byte[8];
    new Random().nextBytes(suffix);
    return new KeysetId("shop", "orders-" + HexFormat.of().formatHex(suffix));
  }
}
