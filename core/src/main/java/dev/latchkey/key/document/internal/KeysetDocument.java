package dev.latchkey.key.document.internal;

import com.google.crypto.tink.Aead;
import com.google.crypto.tink.InsecureSecretKeyAccess;
import com.google.crypto.tink.KeysetHandle;
import com.google.crypto.tink.TinkProtoKeysetFormat;
import dev.latchkey.LatchkeyException;
import dev.latchkey.key.KeysetId;
import dev.latchkey.key.KeysetMetadata;
import dev.latchkey.key.document.StoredDocument;
import dev.latchkey.key.internal.KeysetDraft;
import dev.latchkey.key.internal.KeysetSnapshot;
import dev.latchkey.key.internal.TinkKeys;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.Base64;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * The stored form of a keyset.
 *
 * <pre>
 * document   = Base64 (RFC 4648, section 4, canonical) of envelope
 * envelope   = "LATCHKEY" format(1 byte) length(4 bytes) metadata ciphertext
 * ciphertext = encrypted with the keyset's key-encryption key: length(4 bytes) metadata Tink-keyset
 * metadata   = JSON in UTF-8; both copies are equal byte for byte
 * </pre>
 *
 * The associated data binds format, owner, name, location in the store and generation, so that a
 * document that was moved, renamed or rolled back does not open. Lengths are big-endian.
 */
final class KeysetDocument {

  private static final byte[] MAGIC = "LATCHKEY".getBytes(StandardCharsets.US_ASCII);

  private static final byte FORMAT = 1;

  /** What an earlier version did not write is null or zero; the types reject missing values. */
  static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .disable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
          .build();

  private final KeysetId keyset;

  private final String location;

  private final Aead keyEncryptionKey;

  KeysetDocument(KeysetId keyset, String location, Aead keyEncryptionKey) {
    this.keyset = keyset;
    this.location = location;
    this.keyEncryptionKey = keyEncryptionKey;
  }

  String seal(KeysetDraft draft, long generation) {
    byte[] metadata = JSON.writeValueAsBytes(draft.metadata());
    byte[] keys = new byte[0];
    byte[] plaintext = new byte[0];
    try {
      keys = TinkProtoKeysetFormat.serializeKeyset(draft.handle(), InsecureSecretKeyAccess.get());
      plaintext =
          withMetadata(ByteBuffer.allocate(4 + metadata.length + keys.length), metadata, keys);
      byte[] ciphertext = keyEncryptionKey.encrypt(plaintext, associatedData(generation));
      ByteBuffer envelope =
          ByteBuffer.allocate(MAGIC.length + 1 + 4 + metadata.length + ciphertext.length);
      envelope.put(MAGIC).put(FORMAT);
      return Base64.getEncoder().encodeToString(withMetadata(envelope, metadata, ciphertext));
    } catch (GeneralSecurityException ex) {
      throw new LatchkeyException(
          "The keyset for %s could not be encrypted".formatted(location),
          "Check its key-encryption key.",
          ex);
    } finally {
      Arrays.fill(keys, (byte) 0);
      Arrays.fill(plaintext, (byte) 0);
    }
  }

  private static byte[] withMetadata(ByteBuffer target, byte[] metadata, byte[] rest) {
    return target.putInt(metadata.length).put(metadata).put(rest).array();
  }

  /**
   * Opens a document.
   *
   * @throws LatchkeyException if it was not written under this name, at this location, as this
   *     generation
   */
  KeysetSnapshot open(StoredDocument stored) {
    ByteBuffer envelope = envelope(stored);
    byte[] metadata = take(envelope, length(envelope));
    byte[] plaintext = decrypted(take(envelope, envelope.remaining()), stored.generation());
    byte[] keys = new byte[0];
    try {
      ByteBuffer inner = ByteBuffer.wrap(plaintext);
      if (!Arrays.equals(metadata, take(inner, length(inner)))) {
        throw damaged("carries metadata that differs from the encrypted metadata");
      }
      KeysetMetadata described = JSON.readValue(metadata, KeysetMetadata.class);
      TinkKeys.register(described);
      keys = take(inner, inner.remaining());
      KeysetHandle handle = TinkProtoKeysetFormat.parseKeyset(keys, InsecureSecretKeyAccess.get());
      return snapshot(new KeysetDraft(described, handle), stored);
    } catch (GeneralSecurityException | JacksonException | IllegalArgumentException ex) {
      throw new LatchkeyException(
          "%s, generation %d, holds keys that this version of Latchkey cannot read"
              .formatted(location, stored.generation()),
          "Upgrade Latchkey in this application. Nothing was changed.");
    } finally {
      Arrays.fill(keys, (byte) 0);
      Arrays.fill(plaintext, (byte) 0);
    }
  }

  /** A generation as wrapped by the key-encryption key. */
  byte[] wrapped(StoredDocument stored) {
    ByteBuffer envelope = envelope(stored);
    take(envelope, length(envelope));
    return take(envelope, envelope.remaining());
  }

  /** What follows the format. */
  private ByteBuffer envelope(StoredDocument stored) {
    ByteBuffer envelope = ByteBuffer.wrap(decoded(stored.content()));
    byte[] magic = take(envelope, MAGIC.length);
    if (!Arrays.equals(magic, MAGIC)) {
      throw damaged("is not a keyset document");
    }
    byte format = take(envelope, 1)[0];
    if (format != FORMAT) {
      throw new LatchkeyException(
          "%s has format %d; this version of Latchkey reads format %d"
              .formatted(location, format, FORMAT),
          "Upgrade Latchkey in this application. Nothing was changed.");
    }
    return envelope;
  }

  private byte[] decoded(String content) {
    if (content.isEmpty()) {
      throw damaged("is empty");
    }
    try {
      byte[] bytes = Base64.getDecoder().decode(content);
      if (Base64.getEncoder().encodeToString(bytes).equals(content)) {
        return bytes;
      }
    } catch (IllegalArgumentException ex) {
      // reported below, without the text
    }
    throw damaged("is not canonical Base64");
  }

  private byte[] decrypted(byte[] ciphertext, long generation) {
    try {
      return keyEncryptionKey.decrypt(ciphertext, associatedData(generation));
    } catch (GeneralSecurityException ex) {
      throw new UnopenedDocumentException(
          "%s does not open as generation %d of keyset %s".formatted(location, generation, keyset),
          "It was changed, moved, renamed or rolled back, or wrapped by another"
              + " key-encryption key. Nothing was changed: put the document and its"
              + " key-encryption key back where they were.",
          ex);
    }
  }

  private KeysetSnapshot snapshot(KeysetDraft opened, StoredDocument stored) {
    opened
        .contradiction(keyset, stored.generation())
        .ifPresent(
            what -> {
              throw damaged(what);
            });
    return KeysetSnapshot.of(opened, stored.generation(), stored.createdAt());
  }

  private byte[] associatedData(long generation) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeByte(FORMAT);
      out.writeUTF(keyset.owner());
      out.writeUTF(keyset.name());
      out.writeUTF(location);
      out.writeLong(generation);
    } catch (IOException ex) {
      throw new UncheckedIOException(ex);
    }
    return bytes.toByteArray();
  }

  private int length(ByteBuffer from) {
    if (from.remaining() < 4) {
      throw damaged("is truncated");
    }
    return from.getInt();
  }

  private byte[] take(ByteBuffer from, int length) {
    if (length < 0 || length > from.remaining()) {
      throw damaged("is truncated");
    }
    byte[] bytes = new byte[length];
    from.get(bytes);
    return bytes;
  }

  private LatchkeyException damaged(String what) {
    return new LatchkeyException(
        "%s %s".formatted(location, what),
        "Nothing was overwritten: restore the document of keyset %s from an earlier version or a"
                .formatted(keyset)
            + " backup of the store.");
  }
}
