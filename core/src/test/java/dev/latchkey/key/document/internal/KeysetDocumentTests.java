package dev.latchkey.key.document.internal;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.google.crypto.tink.Aead;
import com.google.crypto.tink.InsecureSecretKeyAccess;
import com.google.crypto.tink.KeysetHandle;
import com.google.crypto.tink.RegistryConfiguration;
import com.google.crypto.tink.aead.AesGcmKey;
import com.google.crypto.tink.subtle.AesGcmJce;
import com.google.crypto.tink.subtle.Random;
import dev.latchkey.LatchkeyException;
import dev.latchkey.key.KeyDestruction;
import dev.latchkey.key.KeyMetadata;
import dev.latchkey.key.KeyState;
import dev.latchkey.key.KeysetId;
import dev.latchkey.key.KeysetTemplate;
import dev.latchkey.key.document.StoredDocument;
import dev.latchkey.key.internal.KeysetDraft;
import dev.latchkey.key.internal.KeysetEditor;
import dev.latchkey.key.internal.KeysetSnapshot;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class KeysetDocumentTests {

  private static final KeysetId ORDERS = new KeysetId("shop", "orders");
  private static final String LOCATION = "secret/latchkey/shop/orders";
  private static final Instant CREATED = Instant.parse("2026-01-02T03:04:05.678Z");

  private final Aead keyEncryptionKey = aes();
  private final KeysetDocument document = new KeysetDocument(ORDERS, LOCATION, keyEncryptionKey);
  private final KeysetDraft draft =
      KeysetEditor.create(ORDERS, KeysetTemplate.of("AES256_GCM"), Duration.ofHours(24))
          .draft(false);
  private final String sealed = document.seal(draft, 1);

  @Test
  void opensWhatItSealed() throws GeneralSecurityException {
    KeysetSnapshot opened = document.open(stored(sealed, 1));

    assertThat(opened.generation()).isEqualTo(1);
    assertThat(opened.handle().equalsKeyset(draft.handle())).isTrue();
    byte[] ciphertext = aead(draft.handle()).encrypt("text".getBytes(UTF_8), new byte[0]);
    assertThat(aead(opened.handle()).decrypt(ciphertext, new byte[0]))
        .isEqualTo("text".getBytes(UTF_8));
  }

  @Test
  void completesTheTimesOfStatesThatWereEnteredInTheGeneration() {
    KeysetSnapshot first = document.open(stored(sealed, 1));
    assertThat(first.metadata().active().times())
        .isEqualTo(Map.of(KeyState.PENDING, CREATED, KeyState.ACTIVE, CREATED));
    assertThat(first.metadata().spare().orElseThrow().promotableFrom())
        .isEqualTo(CREATED.plus(Duration.ofHours(24)));

    KeysetDraft rotated =
        KeysetEditor.of(first)
            .promoteSpare()
            .addSpare(KeysetTemplate.of("AES256_GCM"), Duration.ZERO)
            .draft(false);
    Instant later = CREATED.plusSeconds(90_000);
    KeysetSnapshot second =
        document.open(new StoredDocument(document.seal(rotated, 2), 2, later, later, true));
    assertThat(second.metadata().active().times())
        .isEqualTo(Map.of(KeyState.PENDING, CREATED, KeyState.ACTIVE, later));
    assertThat(second.metadata().keys().get(0).times())
        .isEqualTo(
            Map.of(KeyState.PENDING, CREATED, KeyState.ACTIVE, CREATED, KeyState.RETIRED, later));
    assertThat(second.metadata().spare().orElseThrow().publishedAt()).isEqualTo(later);
  }

  @Test
  void holdsNoKeyInTheClear() {
    byte[] key =
        ((AesGcmKey) draft.handle().getPrimary().getKey())
            .getKeyBytes()
            .toByteArray(InsecureSecretKeyAccess.get());
    String clear = new String(Base64.getDecoder().decode(sealed), ISO_8859_1);
    assertThat(clear).doesNotContain(new String(key, ISO_8859_1)).contains("\"name\":\"orders\"");
    assertThat(document.open(stored(sealed, 1)).toString())
        .isEqualTo("KeysetSnapshot[shop/orders, generation=1, keys=2]");
  }

  @Test
  void keepsTheFormThatEarlierVersionsWrote() {
    KeyMetadata active = draft.metadata().active();
    KeyMetadata spare = draft.metadata().spare().orElseThrow();
    byte[] bytes = Base64.getDecoder().decode(sealed);
    int length = ByteBuffer.wrap(bytes, 9, 4).getInt();
    assertThat(new String(bytes, 0, 9, ISO_8859_1)).isEqualTo("LATCHKEY\u0001");
    assertThat(new String(bytes, 13, length, UTF_8))
        .isEqualTo(
            """
            {"owner":"shop","name":"orders","operation":"%s","keys":[\
            {"id":%d,"state":"ACTIVE","template":"AES256_GCM","propagation":"PT24H","firstGeneration":1,"times":{}},\
            {"id":%d,"state":"PENDING","template":"AES256_GCM","propagation":"PT24H","firstGeneration":1,"times":{}}]}"""
                .formatted(draft.metadata().operation(), active.id(), spare.id()));
  }

  @Test
  void saysHowFarADestructionCameAndHowOftenItWasRestored() {
    KeysetSnapshot first = document.open(stored(sealed, 1));
    long active = first.metadata().active().id();
    KeysetDraft second =
        KeysetEditor.restore(first, first, 1)
            .promoteSpare()
            .addSpare(KeysetTemplate.of("AES256_GCM"), Duration.ZERO)
            .destroy(active, "alice", "vault:v1:AAAA")
            .draft(false);
    String text = document.seal(second, 2);

    assertThat(new String(Base64.getDecoder().decode(text), ISO_8859_1))
        .contains(
            ",\"destruction\":{\"by\":\"alice\",\"fence\":{\"generation\":2,\"retained\":\"vault:v1:AAAA\"}}}")
        .contains("],\"restores\":1}");
    KeysetSnapshot opened = document.open(stored(text, 2));
    assertThat(opened.metadata().restores()).isEqualTo(1);
    assertThat(opened.metadata().find(active).orElseThrow().destruction())
        .isEqualTo(new KeyDestruction("alice", new KeyDestruction.Fence(2, "vault:v1:AAAA"), null));
    assertThat(opened.handle().size()).isEqualTo(2);

    KeyDestruction.Receipt receipt =
        new KeyDestruction.Receipt(CREATED, List.of("gone"), List.of("disks"));
    String last = document.seal(KeysetEditor.of(opened).verified(active, receipt).draft(false), 3);
    assertThat(document.open(stored(last, 3)).metadata().find(active).orElseThrow().destruction())
        .isEqualTo(new KeyDestruction("alice", null, receipt));
  }

  @Test
  void holdsNoByteOfADestroyedKey() throws GeneralSecurityException {
    KeysetSnapshot first = document.open(stored(sealed, 1));
    KeysetDraft second =
        KeysetEditor.of(first)
            .promoteSpare()
            .destroy(first.metadata().active().id(), "alice", "")
            .draft(false);
    byte[] bytes =
        ((AesGcmKey) first.handle().getPrimary().getKey())
            .getKeyBytes()
            .toByteArray(InsecureSecretKeyAccess.get());
    byte[] envelope = Base64.getDecoder().decode(document.seal(second, 2));
    int length = ByteBuffer.wrap(envelope, 9, 4).getInt();
    byte[] keys =
        keyEncryptionKey.decrypt(
            Arrays.copyOfRange(envelope, 13 + length, envelope.length), associatedData(2));
    assertThat(new String(keys, ISO_8859_1)).doesNotContain(new String(bytes, ISO_8859_1));
  }

  private static byte[] associatedData(long generation) {
    ByteBuffer bytes = ByteBuffer.allocate(200);
    bytes.put((byte) 1);
    for (String part : new String[] {"shop", "orders", LOCATION}) {
      bytes.putShort((short) part.length()).put(part.getBytes(UTF_8));
    }
    bytes.putLong(generation);
    return Arrays.copyOf(bytes.array(), bytes.position());
  }

  @Test
  void refusesEverySingleBitFlip() {
    for (int at = 0; at < sealed.length(); at++) {
      for (int bit = 0; bit < 8; bit++) {
        char[] flipped = sealed.toCharArray();
        flipped[at] ^= (char) (1 << bit);
        assertRefused(document, new String(flipped), 1);
      }
    }
  }

  @Test
  void refusesEveryTruncation() {
    byte[] bytes = Base64.getDecoder().decode(sealed);
    for (int length = 0; length < bytes.length; length++) {
      assertRefused(document, Base64.getEncoder().encodeToString(Arrays.copyOf(bytes, length)), 1);
    }
  }

  @Test
  void refusesWhatBelongsElsewhere() {
    KeysetId invoices = new KeysetId("shop", "invoices");
    KeysetId billing = new KeysetId("billing", "orders");
    assertRefused(new KeysetDocument(invoices, LOCATION, keyEncryptionKey), sealed, 1);
    assertRefused(new KeysetDocument(billing, LOCATION, keyEncryptionKey), sealed, 1);
    assertRefused(new KeysetDocument(ORDERS, "kv/shop/orders", keyEncryptionKey), sealed, 1);
    assertRefused(new KeysetDocument(ORDERS, LOCATION, aes()), sealed, 1);
    assertRefused(document, sealed, 2);
  }

  @Test
  void refusesAChangedClearCopyOfTheMetadata() {
    String clear = new String(Base64.getDecoder().decode(sealed), ISO_8859_1);
    String changed = clear.replaceFirst("PENDING", "RETIRED");
    assertThat(changed).isNotEqualTo(clear);
    assertThatExceptionOfType(LatchkeyException.class)
        .isThrownBy(
            () ->
                document.open(
                    stored(Base64.getEncoder().encodeToString(changed.getBytes(ISO_8859_1)), 1)))
        .withMessage(LOCATION + " carries metadata that differs from the encrypted metadata");
  }

  @Test
  void saysWhatIsWrongWithADamagedDocument() {
    assertThatExceptionOfType(LatchkeyException.class)
        .isThrownBy(() -> document.open(stored("", 1)))
        .withMessage(LOCATION + " is empty")
        .satisfies(
            ex ->
                assertThat(ex.action())
                    .isEqualTo(
                        "Nothing was overwritten: restore the document of keyset shop/orders from"
                            + " an earlier version or a backup of the store."));
    assertThatExceptionOfType(LatchkeyException.class)
        .isThrownBy(() -> document.open(stored("hello, world", 1)))
        .withMessage(LOCATION + " is not canonical Base64");
    assertThatExceptionOfType(LatchkeyException.class)
        .isThrownBy(() -> document.open(stored("aGVsbG8sIHdvcmxk", 1)))
        .withMessage(LOCATION + " is not a keyset document");
    assertThatExceptionOfType(LatchkeyException.class)
        .isThrownBy(() -> document.open(stored(sealed.substring(0, 40), 1)))
        .withMessage(LOCATION + " is truncated");
    assertThatExceptionOfType(LatchkeyException.class)
        .isThrownBy(() -> document.open(stored(sealed, 7)))
        .withMessage(LOCATION + " does not open as generation 7 of keyset shop/orders");
  }

  @Test
  void namesTheFormatThatANewerVersionWrote() {
    byte[] bytes = Base64.getDecoder().decode(sealed);
    bytes[8] = 2;
    assertThatExceptionOfType(LatchkeyException.class)
        .isThrownBy(() -> document.open(stored(Base64.getEncoder().encodeToString(bytes), 1)))
        .withMessage(LOCATION + " has format 2; this version of Latchkey reads format 1")
        .satisfies(ex -> assertThat(ex.action()).startsWith("Upgrade Latchkey"));
  }

  private static void assertRefused(KeysetDocument document, String content, long generation) {
    assertThatExceptionOfType(LatchkeyException.class)
        .isThrownBy(() -> document.open(stored(content, generation)));
  }

  private static StoredDocument stored(String content, long generation) {
    return new StoredDocument(content, generation, CREATED, CREATED, true);
  }

  private static Aead aead(KeysetHandle handle) throws GeneralSecurityException {
    return handle.getPrimitive(RegistryConfiguration.get(), Aead.class);
  }

  private static Aead aes() {
    try {
      return new AesGcmJce(Random.randBytes(32));
    } catch (GeneralSecurityException ex) {
      throw new IllegalStateException(ex);
    }
  }
}
