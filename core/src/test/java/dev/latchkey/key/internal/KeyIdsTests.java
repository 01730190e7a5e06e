package dev.latchkey.key.internal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.crypto.tink.Aead;
import com.google.crypto.tink.KeysetHandle;
import com.google.crypto.tink.PublicKeySign;
import com.google.crypto.tink.RegistryConfiguration;
import com.google.crypto.tink.jwt.JwtMac;
import com.google.crypto.tink.jwt.RawJwt;
import dev.latchkey.key.KeysetId;
import dev.latchkey.key.KeysetTemplate;
import java.security.GeneralSecurityException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class KeyIdsTests {

  @Test
  void findsTheKeyOfACiphertextOrSignature() throws GeneralSecurityException {
    KeysetHandle aead = keyset("AES256_GCM");
    byte[] ciphertext =
        aead.getPrimitive(RegistryConfiguration.get(), Aead.class).encrypt(new byte[3], null);
    assertThat(KeyIds.ofPrefix(ciphertext)).isEqualTo(primary(aead));
    KeysetHandle signature = keyset("ED25519");
    byte[] signed =
        signature.getPrimitive(RegistryConfiguration.get(), PublicKeySign.class).sign(new byte[3]);
    assertThat(KeyIds.ofPrefix(signed)).isEqualTo(primary(signature));
  }

  @Test
  void findsTheKeyOfAJwt() throws GeneralSecurityException {
    KeysetHandle mac = keyset("JWT_HS256");
    String jwt =
        mac.getPrimitive(RegistryConfiguration.get(), JwtMac.class)
            .computeMacAndEncode(RawJwt.newBuilder().withoutExpiration().build());
    assertThat(KeyIds.ofJwt(jwt)).isEqualTo(primary(mac));
  }

  @Test
  void findsNoKeyWhenNoneIsNamed() {
    assertThat(KeyIds.ofPrefix(new byte[0])).isEqualTo(KeyIds.NONE);
    assertThat(KeyIds.ofPrefix(new byte[] {1, 2, 3, 4})).isEqualTo(KeyIds.NONE);
    assertThat(KeyIds.ofPrefix(new byte[] {0, 1, 2, 3, 4, 5})).isEqualTo(KeyIds.NONE);
    for (String jwt : new String[] {"", ".", "a.b.c", "e30.x.y", "!!.x.y", "eyJraWQiOiJ4In0.x.y"}) {
      assertThat(KeyIds.ofJwt(jwt)).as(jwt).isEqualTo(KeyIds.NONE);
    }
    assertThat(KeyIds.ofPrefix("plain text".getBytes(UTF_8))).isEqualTo(KeyIds.NONE);
  }

  private static KeysetHandle keyset(String template) {
    return KeysetEditor.create(
            new KeysetId("shop", "orders"), KeysetTemplate.of(template), Duration.ZERO)
        .draft(false)
        .handle();
  }

  private static long primary(KeysetHandle handle) {
    return Integer.toUnsignedLong(handle.getPrimary().getId());
  }
}
