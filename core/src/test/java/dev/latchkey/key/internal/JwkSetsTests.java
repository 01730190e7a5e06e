package dev.latchkey.key.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.latchkey.key.KeyState;
import dev.latchkey.key.KeysetId;
import dev.latchkey.key.KeysetTemplate;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class JwkSetsTests {

  private static final KeysetId TOKENS = new KeysetId("issuer", "tokens");
  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

  @Test
  void holdsTheSpareAndAllThatVerifies() {
    KeysetSnapshot first = created("JWT_ES256");
    assertThat(keys(first)).hasSize(2);
    KeysetSnapshot rotated =
        next(
            KeysetEditor.of(first)
                .promoteSpare()
                .addSpare(KeysetTemplate.of("JWT_ES256"), Duration.ZERO),
            2);
    assertThat(keys(rotated)).hasSize(3);

    long retired = rotated.metadata().keys().get(0).id();
    for (KeyState state :
        new KeyState[] {KeyState.DISABLED, KeyState.COMPROMISED, KeyState.DESTROY_SCHEDULED}) {
      assertThat(keys(next(KeysetEditor.of(rotated).bring(retired, state), 3)))
          .as(state.name())
          .hasSize(2);
    }
  }

  @Test
  void holdsNothingPrivate() {
    for (String template : new String[] {"JWT_ES256", "JWT_RS256_2048_F4", "JWT_PS256_2048_F4"}) {
      for (JsonNode key : keys(created(template))) {
        assertThat(key.propertyNames()).doesNotContain("d", "p", "q", "dp", "dq", "qi", "k");
        assertThat(key.path("kid").asString()).isNotEmpty();
      }
    }
  }

  @Test
  void isTheSameForThePublicHalf() throws Exception {
    KeysetSnapshot owned = created("JWT_ES256");
    KeysetSnapshot publicHalf =
        new KeysetSnapshot(
            owned.metadata(), TinkKeys.publicHalf(owned.handle()), 1, owned.createdAt());
    assertThat(JwkSets.of(publicHalf)).isEqualTo(JwkSets.of(owned));
  }

  @Test
  void keysWithoutAnIdHaveNoKid() {
    assertThat(JwkSets.of(created("JWT_ES256_RAW"))).doesNotContain("kid");
  }

  @Test
  void knowsWhatItCanHold() {
    assertThat(JwkSets.canHold(KeysetTemplate.of("JWT_ES256"))).isTrue();
    assertThat(JwkSets.canHold(KeysetTemplate.of("JWT_PS512_4096_F4_RAW"))).isTrue();
    assertThat(JwkSets.canHold(KeysetTemplate.of("JWT_ML_DSA_65"))).isFalse();
    assertThat(JwkSets.canHold(KeysetTemplate.of("JWT_HS256"))).isFalse();
    assertThat(JwkSets.canHold(KeysetTemplate.of("ED25519"))).isFalse();
    assertThatIllegalArgumentException().isThrownBy(() -> JwkSets.of(created("ED25519")));
  }

  private static KeysetSnapshot created(String template) {
    return next(KeysetEditor.create(TOKENS, KeysetTemplate.of(template), Duration.ZERO), 1);
  }

  private static KeysetSnapshot next(KeysetEditor editor, long generation) {
    return KeysetSnapshot.of(editor.draft(true), generation, START);
  }

  private static JsonNode keys(KeysetSnapshot keyset) {
    return new JsonMapper().readTree(JwkSets.of(keyset)).path("keys");
  }
}
