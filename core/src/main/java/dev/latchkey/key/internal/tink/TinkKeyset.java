package dev.latchkey.key.internal.tink;

import com.google.crypto.tink.Aead;
import com.google.crypto.tink.BinaryKeysetReader;
import com.google.crypto.tink.JsonKeysetReader;
import com.google.crypto.tink.KeysetReader;
import com.google.crypto.tink.proto.Keyset;
import com.google.protobuf.ExtensionRegistryLite;
import dev.latchkey.LatchkeyException;
import dev.latchkey.key.KeysetId;
import dev.latchkey.key.KeysetTemplate;
import dev.latchkey.key.internal.KeysetEditor;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * An existing Tink keyset in JSON or binary format, plaintext or encrypted, that a keyset can start
 * from, so that what its keys protected still decrypts and verifies.
 */
public final class TinkKeyset {

  private final String source;
  private final byte[] serialized;
  private final @Nullable Aead key;
  private final byte[] associatedData;

  private TinkKeyset(String source, byte[] serialized, @Nullable Aead key, byte[] associatedData) {
    this.source = source;
    this.serialized = serialized;
    this.key = key;
    this.associatedData = associatedData;
  }

  /**
   * A plaintext keyset.
   *
   * @param source its origin, for messages
   * @param serialized its content; the caller wipes it after use
   */
  public static TinkKeyset inTheClear(String source, byte[] serialized) {
    return new TinkKeyset(source, serialized, null, new byte[0]);
  }

  /**
   * An encrypted keyset.
   *
   * @param source its origin, for messages
   * @param serialized its content
   * @param key the key that it was encrypted with
   * @param associatedData the associated data that it was encrypted with; usually empty
   */
  public static TinkKeyset encrypted(
      String source, byte[] serialized, Aead key, byte[] associatedData) {
    return new TinkKeyset(source, serialized, key, associatedData);
  }

  /**
   * Prepares the first generation of a keyset with these keys and a spare.
   *
   * @param template the template of new keys, which has the same primitives as these keys
   * @throws LatchkeyException if this is not a keyset, does not open, or holds keys that cannot be
   *     used; messages only contain the id and the type of a key
   */
  public KeysetEditor start(KeysetId keyset, KeysetTemplate template, Duration propagation) {
    return new TinkKeysetImport(source, read(), template).start(keyset, propagation);
  }

  /**
   * The ids of its keys.
   *
   * @throws LatchkeyException if this is not a keyset, or does not open
   */
  public Set<Long> keyIds() {
    return read().getKeyList().stream()
        .map(key -> Integer.toUnsignedLong(key.getKeyId()))
        .collect(Collectors.toSet());
  }

  private Keyset read() {
    try {
      return key == null ? readInTheClear() : readEncrypted(key);
    } catch (IOException | RuntimeException ex) {
      if (ex instanceof LatchkeyException known) {
        throw known;
      }
      // the parser's message may contain what it could not parse
      throw new LatchkeyException(
          "%s is not a Tink keyset".formatted(source),
          "It must be an unchanged Tink keyset in JSON or binary format.");
    }
  }

  private Keyset readInTheClear() throws IOException {
    if (isEncrypted()) {
      throw new LatchkeyException(
          "The Tink keyset %s is encrypted".formatted(source),
          "Configure the key that encrypted it: 'transit:' and the name of a Transit key, or the"
              + " name of a bean of type com.google.crypto.tink.Aead.");
    }
    return reader().read();
  }

  /** In JSON by its field; in binary because a plaintext keyset starts with the primary key id. */
  private boolean isEncrypted() {
    try {
      return reader().readEncrypted().getEncryptedKeyset().size() > 0 && !startsWithPrimaryKeyId();
    } catch (IOException | RuntimeException ex) {
      return false;
    }
  }

  private boolean startsWithPrimaryKeyId() {
    return serialized[0] == 0x08;
  }

  private Keyset readEncrypted(Aead key) throws IOException {
    if (!isEncrypted()) {
      throw new LatchkeyException(
          "%s is not an encrypted Tink keyset, but a key to decrypt it is configured"
              .formatted(source),
          "If it is plaintext, remove that key.");
    }
    byte[] plaintext = decrypt(reader().readEncrypted().getEncryptedKeyset().toByteArray(), key);
    try {
      return Keyset.parseFrom(plaintext, ExtensionRegistryLite.getEmptyRegistry());
    } finally {
      Arrays.fill(plaintext, (byte) 0);
    }
  }

  private byte[] decrypt(byte[] ciphertext, Aead key) {
    try {
      return key.decrypt(ciphertext, associatedData);
    } catch (GeneralSecurityException ex) {
      throw new LatchkeyException(
          "The Tink keyset %s does not open with the configured key and %s"
              .formatted(
                  source,
                  associatedData.length == 0
                      ? "no associated data"
                      : "%d bytes of associated data".formatted(associatedData.length)),
          "Configure the key and the associated data that it was encrypted with.");
    }
  }

  private KeysetReader reader() throws IOException {
    return isJson()
        ? JsonKeysetReader.withInputStream(new ByteArrayInputStream(serialized))
        : BinaryKeysetReader.withBytes(serialized);
  }

  private boolean isJson() {
    for (byte each : serialized) {
      if (!Character.isWhitespace(each)) {
        return each == '{';
      }
    }
    return false;
  }

  @Override
  public String toString() {
    return "Tink keyset " + source;
  }
}
