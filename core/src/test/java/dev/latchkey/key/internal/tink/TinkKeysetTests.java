package dev.latchkey.key.internal.tink;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.google.crypto.tink.Aead;
import com.google.crypto.tink.InsecureSecretKeyAccess;
import com.google.crypto.tink.KeyStatus;
import com.google.crypto.tink.KeyTemplates;
import com.google.crypto.tink.KeysetHandle;
import com.google.crypto.tink.PublicKeySign;
import com.google.crypto.tink.RegistryConfiguration;
import com.google.crypto.tink.TinkJsonProtoKeysetFormat;
import com.google.crypto.tink.TinkProtoKeysetFormat;
import com.google.crypto.tink.aead.AesGcmParameters;
import com.google.crypto.tink.mac.HmacParameters;
import com.google.crypto.tink.proto.KeyData;
import com.google.crypto.tink.proto.KeyStatusType;
import com.google.crypto.tink.proto.Keyset;
import com.google.crypto.tink.proto.OutputPrefixType;
import com.google.protobuf.ByteString;
import dev.latchkey.LatchkeyException;
import dev.latchkey.key.KeyMetadata;
import dev.latchkey.key.KeyState;
import dev.latchkey.key.KeysetId;
import dev.latchkey.key.KeysetTemplate;
import dev.latchkey.key.PrimitiveFamily;
import dev.latchkey.key.internal.KeyIds;
import dev.latchkey.key.internal.KeysetDraft;
import dev.latchkey.key.internal.KeysetSnapshot;
import dev.latchkey.key.internal.TinkKeys;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TinkKeysetTests {

  private static final KeysetId ORDERS = new KeysetId("shop", "orders");
  private static final KeysetTemplate AES = KeysetTemplate.of("AES256_GCM");
  private static final Duration DAY = Duration.ofDays(1);
  private static final byte[] PLAINTEXT = "order 7".getBytes(UTF_8);
  private static final byte[] NO_DATA = {};

  @BeforeAll
  static void register() {
    for (PrimitiveFamily family : PrimitiveFamily.values()) {
      TinkKeys.register(family);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"JSON", "binary", "encrypted JSON", "encrypted binary"})
  void keepsIdsAndDecryptsEarlierCiphertexts(String format) throws Exception {
    KeysetHandle old = aesKeyset();
    byte[] ciphertext = aead(old).encrypt(PLAINTEXT, NO_DATA);
    Aead key = aead(aesKeyset());
    byte[] data = "import".getBytes(UTF_8);
    TinkKeyset keyset =
        switch (format) {
          case "JSON" -> TinkKeyset.inTheClear("x", json(old));
          case "binary" -> TinkKeyset.inTheClear("x", binary(old));
          case "encrypted JSON" ->
              TinkKeyset.encrypted(
                  "x",
                  TinkJsonProtoKeysetFormat.serializeEncryptedKeyset(old, key, data)
                      .getBytes(UTF_8),
                  key,
                  data);
          default ->
              TinkKeyset.encrypted(
                  "x", TinkProtoKeysetFormat.serializeEncryptedKeyset(old, key, data), key, data);
        };

    KeysetDraft draft = keyset.start(ORDERS, AES, DAY).draft(false);

    assertThat(draft.metadata().active().id()).isEqualTo(id(old, 0));
    assertThat(draft.metadata().spare()).isPresent();
    assertThat(aead(draft.handle()).decrypt(ciphertext, NO_DATA)).isEqualTo(PLAINTEXT);
    byte[] after = aead(draft.handle()).encrypt(PLAINTEXT, NO_DATA);
    assertThat(KeyIds.ofPrefix(after)).isEqualTo(id(old, 0));
    assertThat(aead(old).decrypt(after, NO_DATA)).isEqualTo(PLAINTEXT);
  }

  @Test
  void bringsEachKeyIntoTheStateThatTinkHadItIn() throws Exception {
    KeysetHandle old =
        KeysetHandle.newBuilder()
            .addEntry(entry("AES128_GCM", 1).setStatus(KeyStatus.DISABLED))
            .addEntry(entry("AES256_GCM_RAW", 2))
            .addEntry(entry("CHACHA20_POLY1305", 0xFFFFFFFE).makePrimary())
            .addEntry(entry("AES256_GCM", 4))
            .build();

    KeysetDraft draft = TinkKeyset.inTheClear("x", json(old)).start(ORDERS, AES, DAY).draft(false);

    assertThat(draft.metadata().keys())
        .extracting(KeyMetadata::state)
        .containsExactly(
            KeyState.DISABLED,
            KeyState.RETIRED,
            KeyState.ACTIVE,
            KeyState.RETIRED,
            KeyState.PENDING);
    assertThat(draft.metadata().keys().subList(0, 4))
        .extracting(KeyMetadata::id)
        .containsExactly(1L, 2L, 0xFFFFFFFEL, 4L);
    assertThat(draft.metadata().keys())
        .extracting(KeyMetadata::template)
        .containsExactly(
            "AES128_GCM", "AES256_GCM_RAW", "CHACHA20_POLY1305", "AES256_GCM", "AES256_GCM");
    assertThat(draft.metadata().keys()).allMatch(key -> key.firstGeneration() == 1);
    assertThat(draft.contradiction(ORDERS, 1)).isEmpty();
    assertThat(draft.handle().getAt(0).getStatus()).isEqualTo(KeyStatus.DISABLED);
    Instant now = Instant.parse("2026-01-01T00:00:00Z");
    assertThat(KeysetSnapshot.of(draft, 1, now).metadata().active().since()).isEqualTo(now);
  }

  @Test
  void remembersADestroyedKey() throws Exception {
    Keyset proto =
        Keyset.parseFrom(binary(aesKeyset())).toBuilder()
            .addKey(
                Keyset.Key.newBuilder()
                    .setKeyId(77)
                    .setStatus(KeyStatusType.DESTROYED)
                    .setOutputPrefixType(OutputPrefixType.TINK))
            .build();

    KeysetDraft draft =
        TinkKeyset.inTheClear("x", proto.toByteArray()).start(ORDERS, AES, DAY).draft(false);

    assertThat(draft.metadata().find(77).orElseThrow().state()).isEqualTo(KeyState.DESTROYED);
    assertThat(draft.contradiction(ORDERS, 1)).isEmpty();
  }

  @Test
  void importsWhatAnyTemplateMakes() throws Exception {
    for (String name : KeysetTemplate.names()) {
      if (name.matches(".*(2048|3072|4096).*") || KeysetTemplate.of(name).needsProvider()) {
        continue;
      }
      KeysetHandle old = KeysetHandle.newBuilder().addEntry(entry(name, 5).makePrimary()).build();

      KeysetDraft draft =
          TinkKeyset.inTheClear("x", binary(old))
              .start(ORDERS, KeysetTemplate.of(name), DAY)
              .draft(false);

      assertThat(draft.metadata().active().template()).isEqualTo(name);
    }
  }

  @Test
  void refusesKeysThatNoTemplateMakes() throws Exception {
    KeysetHandle old =
        KeysetHandle.newBuilder()
            .addEntry(
                KeysetHandle.generateEntryFromParameters(
                        AesGcmParameters.builder()
                            .setIvSizeBytes(12)
                            .setKeySizeBytes(32)
                            .setTagSizeBytes(16)
                            .setVariant(AesGcmParameters.Variant.CRUNCHY)
                            .build())
                    .withFixedId(9)
                    .makePrimary())
            .build();

    assertRefused(
        binary(old),
        AES,
        "Key 9 of the Tink keyset file:old matches no Tink key template: AesGcm Parameters (variant: CRUNCHY, 12-byte IV, 16-byte tag, and 32-byte key)",
        "Re-encrypt its data with a key of template AES256_GCM");
  }

  @Test
  void refusesOtherPrimitivesThanTheTemplates() throws Exception {
    KeysetHandle old =
        KeysetHandle.newBuilder()
            .addEntry(entry("AES256_GCM", 1).makePrimary())
            .addEntry(
                KeysetHandle.generateEntryFromParameters(
                        HmacParameters.builder()
                            .setKeySizeBytes(32)
                            .setTagSizeBytes(32)
                            .setHashType(HmacParameters.HashType.SHA256)
                            .setVariant(HmacParameters.Variant.TINK)
                            .build())
                    .withFixedId(2))
            .build();

    assertRefused(
        json(old),
        AES,
        "Key 2 of the Tink keyset file:old has template HMAC_SHA256_256BITTAG and provides Mac and ChunkedMac, but the configured template is AES256_GCM",
        "Set the keyset's template to HMAC_SHA256_256BITTAG, or import a keyset that provides Aead.");
  }

  @Test
  void refusesPublicKeys() throws Exception {
    KeysetHandle old =
        KeysetHandle.newBuilder().addEntry(entry("ED25519", 3).makePrimary()).build();
    assertThat(
            TinkKeyset.inTheClear("x", binary(old))
                .start(ORDERS, KeysetTemplate.of("ED25519"), DAY)
                .draft(false)
                .handle()
                .getPrimitive(RegistryConfiguration.get(), PublicKeySign.class)
                .sign(PLAINTEXT))
        .isNotEmpty();

    assertRefused(
        binary(old.getPublicKeysetHandle()),
        KeysetTemplate.of("ED25519"),
        "Key 3 of the Tink keyset file:old is a public key",
        "Import the private keyset");
  }

  @Test
  void refusesAKeyOfAKindThatIsNotKnown() throws Exception {
    Keyset proto =
        Keyset.parseFrom(binary(aesKeyset())).toBuilder()
            .addKey(
                Keyset.Key.newBuilder()
                    .setKeyId(77)
                    .setStatus(KeyStatusType.ENABLED)
                    .setOutputPrefixType(OutputPrefixType.TINK)
                    .setKeyData(
                        KeyData.newBuilder()
                            .setTypeUrl("type.googleapis.com/example.FutureKey")
                            .setValue(ByteString.copyFromUtf8("canary"))
                            .setKeyMaterialType(KeyData.KeyMaterialType.SYMMETRIC)))
            .build();

    assertRefused(
        proto.toByteArray(),
        AES,
        "Key 77 of the Tink keyset file:old matches no Tink key template: (typeUrl=type.googleapis.com/example.FutureKey, outputPrefixType=TINK)",
        "Re-encrypt its data with a key of template AES256_GCM");
  }

  @Test
  void refusesAKeyThatIsDamaged() throws Exception {
    Keyset proto = Keyset.parseFrom(binary(aesKeyset()));
    Keyset damaged =
        proto.toBuilder()
            .setKey(
                0,
                proto.getKey(0).toBuilder()
                    .setKeyData(
                        proto.getKey(0).getKeyData().toBuilder()
                            .setValue(ByteString.copyFromUtf8("canary"))))
            .build();

    assertRefused(
        damaged.toByteArray(),
        AES,
        "The Tink keyset file:old holds keys that cannot be used here: AesGcmKey",
        "Import only keys of types that Tink 1.24 supports in this Java runtime");
  }

  @Test
  void refusesAnIdThatTwoKeysHave() throws Exception {
    Keyset proto = Keyset.parseFrom(binary(aesKeyset()));
    Keyset twice = proto.toBuilder().addKey(proto.getKey(0)).build();

    assertRefused(
        twice.toByteArray(),
        AES,
        "The Tink keyset file:old has two keys with the id "
            + Integer.toUnsignedString(proto.getPrimaryKeyId()),
        "Key ids must be unique.");
  }

  @Test
  void refusesAKeysetWithoutAnEnabledPrimaryKey() throws Exception {
    Keyset proto = Keyset.parseFrom(binary(aesKeyset()));
    Keyset missing = proto.toBuilder().setPrimaryKeyId(proto.getPrimaryKeyId() + 1).build();
    Keyset disabled =
        proto.toBuilder()
            .setKey(0, proto.getKey(0).toBuilder().setStatus(KeyStatusType.DISABLED))
            .build();

    for (Keyset each : List.of(missing, disabled)) {
      assertRefused(
          each.toByteArray(),
          AES,
          "The Tink keyset file:old has no enabled primary key",
          "Promote one of its enabled keys");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "{}",
        "{\"key\":[]}",
        "canary",
        "{\"primaryKeyId\":1,\"key\":\"canary\"}"
      })
  void refusesWhatIsNoKeysetAndShowsNothingOfIt(String content) {
    assertThatExceptionOfType(LatchkeyException.class)
        .isThrownBy(
            () ->
                TinkKeyset.inTheClear("file:old", content.getBytes(UTF_8)).start(ORDERS, AES, DAY))
        .withMessageContaining("file:old")
        .satisfies(ex -> assertThat(ex.toString()).doesNotContain("canary"))
        .withNoCause();
  }

  @Test
  void refusesADamagedKeysetAndShowsNothingOfIt() throws Exception {
    String json = new String(json(aesKeyset()), UTF_8);
    String value = json.replaceAll("(?s).*\"value\": ?\"([^\"]+)\".*", "$1");
    assertThat(value).hasSizeGreaterThan(20);
    for (int end : new int[] {json.indexOf(value) + 10, json.indexOf(value) + value.length() + 1}) {
      assertThatExceptionOfType(LatchkeyException.class)
          .isThrownBy(
              () ->
                  TinkKeyset.inTheClear("file:old", json.substring(0, end).getBytes(UTF_8))
                      .start(ORDERS, AES, DAY))
          .withMessage("file:old is not a Tink keyset")
          .withNoCause();
    }
  }

  @Test
  void saysThatAnEncryptedKeysetNeedsAKey() throws Exception {
    KeysetHandle old = aesKeyset();
    Aead key = aead(aesKeyset());

    for (byte[] encrypted :
        List.of(
            TinkJsonProtoKeysetFormat.serializeEncryptedKeyset(old, key, NO_DATA).getBytes(UTF_8),
            TinkProtoKeysetFormat.serializeEncryptedKeyset(old, key, NO_DATA))) {
      assertRefused(
          encrypted,
          AES,
          "The Tink keyset file:old is encrypted",
          "Configure the key that encrypted it");
    }
  }

  @Test
  void saysThatAKeysetInTheClearNeedsNone() throws Exception {
    KeysetHandle old = aesKeyset();
    for (byte[] clear : List.of(json(old), binary(old))) {
      assertThatExceptionOfType(LatchkeyException.class)
          .isThrownBy(
              () ->
                  TinkKeyset.encrypted("file:old", clear, aead(old), NO_DATA)
                      .start(ORDERS, AES, DAY))
          .withMessage(
              "file:old is not an encrypted Tink keyset, but a key to decrypt it is configured")
          .satisfies(ex -> assertThat(ex.action()).startsWith("If it is plaintext, remove"));
    }
  }

  @Test
  void saysThatItDoesNotOpen() throws Exception {
    KeysetHandle old = aesKeyset();
    Aead key = aead(aesKeyset());
    byte[] encrypted = TinkProtoKeysetFormat.serializeEncryptedKeyset(old, key, NO_DATA);

    for (TinkKeyset wrong :
        List.of(
            TinkKeyset.encrypted("file:old", encrypted, aead(old), NO_DATA),
            TinkKeyset.encrypted("file:old", encrypted, key, new byte[] {1}))) {
      assertThatExceptionOfType(LatchkeyException.class)
          .isThrownBy(() -> wrong.start(ORDERS, AES, DAY))
          .withMessageStartingWith(
              "The Tink keyset file:old does not open with the configured key and ")
          .satisfies(ex -> assertThat(ex.action()).contains("the associated data"));
    }
  }

  private static void assertRefused(
      byte[] serialized, KeysetTemplate template, String message, String action) {
    assertThatExceptionOfType(LatchkeyException.class)
        .isThrownBy(
            () -> TinkKeyset.inTheClear("file:old", serialized).start(ORDERS, template, DAY))
        .withMessage(message)
        .withNoCause()
        .satisfies(ex -> assertThat(ex.action()).contains(action).doesNotContain("canary"));
  }

  private static KeysetHandle aesKeyset() throws GeneralSecurityException {
    return KeysetHandle.newBuilder().addEntry(entry("AES256_GCM", 12345).makePrimary()).build();
  }

  private static KeysetHandle.Builder.Entry entry(String template, int id)
      throws GeneralSecurityException {
    return KeysetHandle.generateEntryFromParameters(KeyTemplates.get(template).toParameters())
        .withFixedId(id);
  }

  private static long id(KeysetHandle handle, int index) {
    return Integer.toUnsignedLong(handle.getAt(index).getId());
  }

  private static Aead aead(KeysetHandle handle) throws GeneralSecurityException {
    return handle.getPrimitive(RegistryConfiguration.get(), Aead.class);
  }

  private static byte[] json(KeysetHandle handle) throws GeneralSecurityException {
    return TinkJsonProtoKeysetFormat.serializeKeyset(handle, InsecureSecretKeyAccess.get())
        .getBytes(UTF_8);
  }

  private static byte[] binary(KeysetHandle handle) throws GeneralSecurityException {
    return TinkProtoKeysetFormat.serializeKeyset(handle, InsecureSecretKeyAccess.get());
  }
}
