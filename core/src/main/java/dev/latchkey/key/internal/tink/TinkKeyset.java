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
 * A keyset as Tink writes it, in JSON or binary, in the clear or encrypted: what a keyset can start
 * with, so that what its keys made before still decrypts.
 *
 * @since 0.1
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
   * A keyset in the clear.
   *
   * @param source where it comes from, for messages
   * @param serialized what stands there; the caller wipes it after use
   */
  public static TinkKeyset inTheClear(String source, byte[] serialized) {
    return new TinkKeyset(source, serialized, null, new byte[0]);
  }

  /**
   * An encrypted keyset.
   *
   * @param source where it comes from, for messages
   * @param serialized what stands there
   * @param key what it was encrypted with
   * @param associatedData what it was encrypted with besides; mostly empty
   */
  public static TinkKeyset encrypted(
      String source, byte[] serialized, Aead key, byte[] associatedData) {
    return new TinkKeyset(source, serialized, key, associatedData);
  }

  /**
   * What a keyset starts with if it starts with these keys, and a spare.
   *
   * @param template what new keys are made by: it gives the primitives that these keys must give
   * @throws LatchkeyException if this is no keyset, does not open, or holds keys that cannot be
   *     kept; no message holds anything of a key but its id and its kind
   */
  public KeysetEditor start(KeysetId keyset, KeysetTemplate template, Duration propagation) {
    return new TinkKeysetImport(source, read(), template).start(keyset, propagation);
  }

  /**
   * The ids of its keys.
   *
   * @throws LatchkeyException if this is no keyset, or does not open
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
      // whatever the parser says may be a part of what it could not parse: it is not told
      throw new LatchkeyException(
          "%s holds no Tink keyset".formatted(source),
          "It must be what Tink wrote, unchanged, in JSON or binary.");
    }
  }

  private Keyset readInTheClear() throws IOException {
    if (isEncrypted()) {
      throw new LatchkeyException(
          "The Tink keyset %s is encrypted".formatted(source),
          "Say with which key: 'transit:' and the name of a key of the server, or the name of a"
              + " bean of type com.google.crypto.tink.Aead.");
    }
    return reader().read();
  }

  /** Only an encrypted keyset has the one in JSON, and no primary key's id in front in binary. */
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
          "%s holds no encrypted Tink keyset, but there is a key to decrypt it with"
              .formatted(source),
          "If it is in the clear, remove the key that is named for it.");
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
          "The Tink keyset %s does not open with the key that is named for it, and %s"
              .formatted(
                  source,
                  associatedData.length == 0
                      ? "no associated data"
                      : "%d bytes of associated data".formatted(associatedData.length)),
          "Name the key that it was encrypted with, and the same associated data.");
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
