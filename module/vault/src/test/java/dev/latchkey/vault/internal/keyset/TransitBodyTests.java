package dev.latchkey.vault.internal.keyset;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.vault.internal.client.VaultAnswer;
import org.junit.jupiter.api.Test;
import org.springframework.http.HttpStatus;
import org.springframework.mock.http.client.MockClientHttpResponse;
import tools.jackson.databind.json.JsonMapper;

class TransitBodyTests {

  private static final byte[] KEYS = "the bytes of keys".getBytes(UTF_8);

  @Test
  void isJsonAndIsWiped() {
    byte[] bytes;
    try (TransitBody body =
        new TransitBody()
            .put("plaintext", KEYS)
            .put("key_version", 3)
            .put("associated_data", KEYS)) {
      bytes = body.bytes();
      assertThat(new String(bytes, UTF_8))
          .isEqualTo(
              "{\"plaintext\":\"dGhlIGJ5dGVzIG9mIGtleXM=\",\"key_version\":3,\"associated_data\":\"dGhlIGJ5dGVzIG9mIGtleXM=\"}");
    }
    assertThat(bytes).containsOnly(0);
  }

  @Test
  void takesCiphertextsAsTheyAre() {
    try (TransitBody body = new TransitBody().put("ciphertext", "vault:v1:AAAA")) {
      assertThat(JsonMapper.shared().readTree(body.bytes()).path("ciphertext").asString())
          .isEqualTo("vault:v1:AAAA");
    }
  }

  @Test
  void anAnswersBodyIsWiped() throws Exception {
    byte[] body = "{\"data\":{\"plaintext\":\"AAAA\"}}".getBytes(UTF_8);
    var stream =
        new java.io.ByteArrayInputStream(body) {
          @Override
          public byte[] readAllBytes() {
            return body;
          }
        };
    VaultAnswer answer = VaultAnswer.of(new MockClientHttpResponse(stream, HttpStatus.OK));
    assertThat(answer.body().at("/data/plaintext").asString()).isEqualTo("AAAA");
    assertThat(body).containsOnly(0);
  }
}
