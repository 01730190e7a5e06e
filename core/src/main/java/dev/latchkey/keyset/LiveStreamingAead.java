package dev.latchkey.keyset;

import com.google.crypto.tink.StreamingAead;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.security.GeneralSecurityException;

/** The {@link StreamingAead} that users hold; each call reads the current one once. */
final class LiveStreamingAead implements StreamingAead {

  private final LiveKeyset.Slot<StreamingAead> slot;

  LiveStreamingAead(LiveKeyset.Slot<StreamingAead> slot) {
    this.slot = slot;
  }

  @Override
  public WritableByteChannel newEncryptingChannel(
      WritableByteChannel ciphertext, byte[] associatedData)
      throws GeneralSecurityException, IOException {
    return slot.toProtect().newEncryptingChannel(ciphertext, associatedData);
  }

  @Override
  public SeekableByteChannel newSeekableDecryptingChannel(
      SeekableByteChannel ciphertext, byte[] associatedData)
      throws GeneralSecurityException, IOException {
    return slot.get().newSeekableDecryptingChannel(ciphertext, associatedData);
  }

  @Override
  public ReadableByteChannel newDecryptingChannel(
      ReadableByteChannel ciphertext, byte[] associatedData)
      throws GeneralSecurityException, IOException {
    return slot.get().newDecryptingChannel(ciphertext, associatedData);
  }

  @Override
  public OutputStream newEncryptingStream(OutputStream ciphertext, byte[] associatedData)
      throws GeneralSecurityException, IOException {
    return slot.toProtect().newEncryptingStream(ciphertext, associatedData);
  }

  @Override
  public InputStream newDecryptingStream(InputStream ciphertext, byte[] associatedData)
      throws GeneralSecurityException, IOException {
    return slot.get().newDecryptingStream(ciphertext, associatedData);
  }
}
