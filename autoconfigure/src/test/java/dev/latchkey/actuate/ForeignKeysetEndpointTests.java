package dev.latchkey.actuate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.Mockito.mock;

import dev.latchkey.key.KeysetAccess;
import dev.latchkey.key.KeysetId;
import dev.latchkey.key.KeysetTemplate;
import dev.latchkey.key.document.internal.KeysetRepository;
import dev.latchkey.key.document.internal.PublicHalves;
import dev.latchkey.key.live.internal.KeysetRegistry;
import dev.latchkey.key.rotation.KeyAction;
import dev.latchkey.key.rotation.RotationPolicy;
import dev.latchkey.key.rotation.internal.KeysetDefinition;
import dev.latchkey.key.rotation.internal.PropagationRule;
import dev.latchkey.key.rotation.internal.RotationService;
import dev.latchkey.key.rotation.internal.Rotator;
import dev.latchkey.memory.internal.MemoryKeyEncryptionKeys;
import dev.latchkey.memory.internal.MemoryKeysetStore;
import dev.latchkey.secret.rotating.internal.RotatingSecrets;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.boot.actuate.endpoint.SecurityContext;
import org.springframework.boot.actuate.endpoint.web.WebEndpointResponse;

/** Tests for {@link RotationEndpoint} in an application that shares another one's keysets. */
class ForeignKeysetEndpointTests {

  private static final KeysetId INVOICES = new KeysetId("billing", "invoices");
  private static final KeysetTemplate ED25519 = KeysetTemplate.of("ED25519");
  private static final Clock CLOCK = Clock.systemUTC();

  private final MemoryKeysetStore documents = new MemoryKeysetStore(CLOCK);
  private final MemoryKeyEncryptionKeys keys = new MemoryKeyEncryptionKeys();
  private final PublicHalves halves = new PublicHalves(new MemoryKeysetStore(CLOCK));

  @Test
  void refusesEveryActionAndNamesOwner() {
    RotationEndpoint endpoint = endpoint(KeysetAccess.READ);
    RotationEndpointWebExtension web = new RotationEndpointWebExtension(endpoint, Map::of);
    for (KeyAction action : KeyAction.values()) {
      String key = action.needsKey() ? "1" : null;
      WebEndpointResponse<?> response =
          web.perform("invoices", action.text(), key, true, mock(SecurityContext.class));

      assertThat(response.getStatus()).as(action.text()).isEqualTo(409);
      assertThat(response.getBody())
          .isEqualTo(
              new RotationEndpointWebExtension.Refusal(
                  "Keyset invoices belongs to billing: this application only reads it",
                  "Request '%s' at the rotation endpoint of billing.".formatted(action.text()),
                  null));
    }
  }

  @Test
  void showsOwnerButNoPolicy() {
    RotationDescriptor.Keyset shown =
        (RotationDescriptor.Keyset) endpoint(KeysetAccess.PUBLIC).named("invoices");

    assertThat(shown.owner()).isEqualTo("billing");
    assertThat(shown.access()).isEqualTo("public");
    assertThat(shown.primitives()).containsExactly("PublicKeyVerify");
    assertThat(shown.policy()).isNull();
    assertThat(shown.next().action()).isEqualTo("none");
    assertThat(shown.activeKeyTotal()).isEqualTo("unknown");
  }

  private RotationEndpoint endpoint(KeysetAccess access) {
    RotationPolicy policy =
        RotationPolicy.of("rotation.", null, Duration.ZERO, Duration.ZERO, true);
    open(
        new KeysetDefinition(INVOICES, ED25519, policy, true, null),
        new KeysetRepository(documents, keys).publishingIn(halves));
    return new RotationEndpoint(
        open(
            KeysetDefinition.foreign(
                INVOICES, ED25519, access, null, PropagationRule.SINGLE_PROCESS),
            access == KeysetAccess.PUBLIC
                ? KeysetRepository.of(halves)
                : new KeysetRepository(documents, keys)),
        mock(RotatingSecrets.class));
  }

  private static RotationService open(KeysetDefinition definition, KeysetRepository repository) {
    KeysetRegistry registry =
        new KeysetRegistry(
            Map.of("invoices", ED25519.family()), Map.of("invoices", definition.access()));
    RotationService service =
        new RotationService(
            registry, List.of(new Rotator(definition, repository, registry, CLOCK, event -> {})));
    service.open(Runnable::run);
    return service;
  }
}
