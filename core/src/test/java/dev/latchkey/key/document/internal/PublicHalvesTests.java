package dev.latchkey.key.document.internal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.google.crypto.tink.InsecureSecretKeyAccess;
import com.google.crypto.tink.KeysetHandle;
import com.google.crypto.tink.PublicKeySign;
import com.google.crypto.tink.PublicKeyVerify;
import com.google.crypto.tink.RegistryConfiguration;
import com.google.crypto.tink.signature.Ed25519PrivateKey;
import dev.latchkey.LatchkeyException;
import dev.latchkey.key.KeysetId;
import dev.latchkey.key.KeysetTemplate;
import dev.latchkey.key.document.StoredDocument;
import dev.latchkey.key.internal.KeysetEditor;
import dev.latchkey.key.internal.KeysetSnapshot;
import dev.latchkey.key.internal.TinkKeys;
import dev.latchkey.memory.internal.MemoryKeysetStore;
import dev.latchkey.test.MutableClock;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import org.junit.jupiter.api.Test;

class PublicHalvesTests {

  private static final KeysetId INVOICES = new KeysetId("billing", "invoices");
  private static final KeysetTemplate ED25519 = KeysetTemplate.of("ED25519");
  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
  private static final Duration HOUR = Duration.ofHours(1);
  private static final byte[] TEXT = "text".getBytes(UTF_8);

  private final MutableClock clock = new MutableClock(START);
  private final MemoryKeysetStore documents = new MemoryKeysetStore(clock, ".public");
  private final PublicHalves halves = new PublicHalves(documents);
  private final KeysetSnapshot owned =
      KeysetSnapshot.of(KeysetEditor.create(INVOICES, ED25519, HOUR).draft(true), 1, START);

  @Test
  void givesWhatVerifiesAndNothingThatSigns() throws Exception {
    halves.save(INVOICES, owned, null);
    KeysetHandle loaded = halves.load(INVOICES, null).orElseThrow().half().snapshot().handle();

    byte[] signature =
        owned.handle().getPrimitive(RegistryConfiguration.get(), PublicKeySign.class).sign(TEXT);
    loaded.getPrimitive(RegistryConfiguration.get(), PublicKeyVerify.class).verify(signature, TEXT);
    assertThatExceptionOfType(Exception.class)
        .isThrownBy(() -> loaded.getPrimitive(RegistryConfiguration.get(), PublicKeySign.class));
  }

  @Test
  void holdsNoPrivateKey() {
    halves.save(INVOICES, owned, null);
    String content = documents.load(INVOICES).orElseThrow().content();

    for (int i = 0; i < owned.handle().size(); i++) {
      byte[] secret =
          ((Ed25519PrivateKey) owned.handle().getAt(i).getKey())
              .getPrivateKeyBytes()
              .toByteArray(InsecureSecretKeyAccess.get());
      assertThat(content)
          .doesNotContain(Base64.getEncoder().withoutPadding().encodeToString(secret));
      assertThat(new String(keys(content), java.nio.charset.StandardCharsets.ISO_8859_1))
          .doesNotContain(new String(secret, java.nio.charset.StandardCharsets.ISO_8859_1));
    }
  }

  private static byte[] keys(String content) {
    return Base64.getDecoder()
        .decode(content.replaceFirst(".*\"keys\":\"([A-Za-z0-9+/=]+)\".*", "$1"));
  }

  @Test
  void tellsSinceWhenEachPublicHalfIsPublished() {
    clock.advance(HOUR);
    PublicKeyset first = halves.save(INVOICES, owned, null).half();
    long spare = owned.metadata().spare().orElseThrow().id();
    assertThat(publishedAt(first, spare)).isEqualTo(START.plus(HOUR));
    assertThat(publishedAt(halves.load(INVOICES, null).orElseThrow().half(), spare))
        .isEqualTo(START.plus(HOUR));

    KeysetSnapshot rotated =
        KeysetSnapshot.of(
            KeysetEditor.of(owned).promoteSpare().addSpare(ED25519, HOUR).draft(true), 2, START);
    clock.advance(HOUR);
    halves.save(INVOICES, rotated, PublicHalves.StoredState.of(first));
    PublicKeyset second = halves.load(INVOICES, null).orElseThrow().half();

    assertThat(publishedAt(second, spare)).isEqualTo(START.plus(HOUR));
    assertThat(publishedAt(second, rotated.metadata().spare().orElseThrow().id()))
        .isEqualTo(START.plus(HOUR).plus(HOUR));
    assertThat(second.source()).isEqualTo(2);
  }

  private static Instant publishedAt(PublicKeyset half, long key) {
    return half.snapshot().metadata().find(key).orElseThrow().publishedAt();
  }

  @Test
  void refusesWhatWasWrittenForAnotherKeysetPlaceOrGeneration() {
    halves.save(INVOICES, owned, null);
    String content = documents.load(INVOICES).orElseThrow().content();

    assertRefused(INVOICES, content, 2, "was written as generation 1 of memory/latchkey");
    assertRefused(
        INVOICES, content.replace("memory/latchkey", "secret/latchkey"), 1, "was written as");
    KeysetId receipts = new KeysetId("billing", "receipts");
    assertRefused(
        receipts,
        content.replace(INVOICES + ".public", receipts + ".public"),
        1,
        "describes keyset billing/invoices");
    assertRefused(
        INVOICES, content.replace("\"source\":1", "\"source\":true"), 1, "is not a public");
    assertRefused(INVOICES, content.substring(1), 1, "is not a public half");
    assertRefused(INVOICES, content.replace("\"format\":1", "\"format\":2"), 1, "has format 2");
    assertRefused(
        INVOICES,
        content.replace("\"state\":\"PENDING\"", "\"state\":\"DESTROYED\""),
        1,
        "describes other keys than it holds");
  }

  private void assertRefused(KeysetId keyset, String content, long generation, String reason) {
    assertThatExceptionOfType(LatchkeyException.class)
        .isThrownBy(
            () -> halves.open(keyset, new StoredDocument(content, generation, START, START, true)))
        .withMessageContaining(reason);
  }

  @Test
  void anIdThatMeansAnotherKeyIsNoSuccessor() {
    PublicKeyset held = halves.save(INVOICES, owned, null).half();
    KeysetSnapshot other =
        KeysetSnapshot.of(KeysetEditor.create(INVOICES, ED25519, HOUR).draft(true), 1, START);
    KeysetHandle.Builder forged = KeysetHandle.newBuilder();
    for (int i = 0; i < owned.handle().size(); i++) {
      forged.addEntry(
          KeysetHandle.generateEntryFromParameters(TinkKeys.parameters(ED25519))
              .withFixedId(owned.handle().getAt(i).getId()));
    }
    forged.getAt(0).makePrimary();

    assertThat(other.succeeds(owned)).isFalse();
    try {
      KeysetSnapshot sameIds =
          new KeysetSnapshot(
              held.snapshot().metadata(),
              forged.build().getPublicKeysetHandle(),
              held.snapshot().generation() + 1,
              START);
      assertThat(sameIds.succeeds(held.snapshot())).isFalse();
      assertThat(new PublicKeyset(sameIds, 1).isIntact(owned)).isFalse();
    } catch (java.security.GeneralSecurityException ex) {
      throw new AssertionError(ex);
    }
    assertThat(held.isIntact(owned)).isTrue();
  }
}
