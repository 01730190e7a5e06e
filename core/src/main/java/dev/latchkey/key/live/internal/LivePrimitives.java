package dev.latchkey.key.live.internal;

import com.google.crypto.tink.Aead;
import com.google.crypto.tink.DeterministicAead;
import com.google.crypto.tink.HybridDecrypt;
import com.google.crypto.tink.HybridEncrypt;
import com.google.crypto.tink.Mac;
import com.google.crypto.tink.PublicKeySign;
import com.google.crypto.tink.PublicKeyVerify;
import com.google.crypto.tink.StreamingAead;
import com.google.crypto.tink.jwt.JwtMac;
import com.google.crypto.tink.jwt.JwtPublicKeySign;
import com.google.crypto.tink.jwt.JwtPublicKeyVerify;
import com.google.crypto.tink.jwt.JwtValidator;
import com.google.crypto.tink.jwt.RawJwt;
import com.google.crypto.tink.jwt.VerifiedJwt;
import com.google.crypto.tink.mac.ChunkedMac;
import com.google.crypto.tink.mac.ChunkedMacComputation;
import com.google.crypto.tink.mac.ChunkedMacVerification;
import com.google.crypto.tink.prf.Prf;
import com.google.crypto.tink.prf.PrfSet;
import dev.latchkey.key.internal.KeyIds;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.security.GeneralSecurityException;
import java.util.Map;
import java.util.function.Function;

/**
 * Creates the primitives that applications hold. Each of their calls uses Tink's primitive of the
 * generation in use.
 */
final class LivePrimitives {

  private static final Map<Class<?>, Function<Slot<?>, Object>> LIVE =
      Map.ofEntries(
          live(Aead.class, LivePrimitives::aead),
          live(DeterministicAead.class, LivePrimitives::deterministicAead),
          live(StreamingAead.class, LivePrimitives::streamingAead),
          live(Mac.class, LivePrimitives::mac),
          live(ChunkedMac.class, LivePrimitives::chunkedMac),
          live(PrfSet.class, LivePrimitives::prfSet),
          live(PublicKeySign.class, slot -> data -> slot.toProtect().sign(data)),
          live(PublicKeyVerify.class, LivePrimitives::publicKeyVerify),
          live(
              HybridEncrypt.class,
              slot -> (plaintext, context) -> slot.toProtect().encrypt(plaintext, context)),
          live(
              HybridDecrypt.class,
              slot ->
                  (ciphertext, context) ->
                      slot.process(
                          KeyIds.ofPrefix(ciphertext),
                          HybridDecrypt::decrypt,
                          ciphertext,
                          context)),
          live(JwtMac.class, LivePrimitives::jwtMac),
          live(JwtPublicKeySign.class, slot -> token -> slot.toProtect().signAndEncode(token)),
          live(
              JwtPublicKeyVerify.class,
              slot ->
                  (compact, validator) ->
                      slot.process(
                          KeyIds.ofJwt(compact),
                          JwtPublicKeyVerify::verifyAndDecode,
                          compact,
                          validator)));

  private LivePrimitives() {}

  static Object of(Class<?> type, Slot<?> slot) {
    Function<Slot<?>, Object> live = LIVE.get(type);
    if (live == null) {
      throw new IllegalArgumentException("There is no live " + type.getSimpleName());
    }
    return live.apply(slot);
  }

  @SuppressWarnings("unchecked")
  private static <P> Map.Entry<Class<?>, Function<Slot<?>, Object>> live(
      Class<P> type, Function<Slot<P>, P> live) {
    return Map.entry(type, slot -> live.apply((Slot<P>) slot));
  }

  private static Aead aead(Slot<Aead> slot) {
    return new Aead() {
      @Override
      public byte[] encrypt(byte[] plaintext, byte[] associatedData)
          throws GeneralSecurityException {
        return slot.toProtect().encrypt(plaintext, associatedData);
      }

      @Override
      public byte[] decrypt(byte[] ciphertext, byte[] associatedData)
          throws GeneralSecurityException {
        return slot.process(KeyIds.ofPrefix(ciphertext), Aead::decrypt, ciphertext, associatedData);
      }
    };
  }

  private static DeterministicAead deterministicAead(Slot<DeterministicAead> slot) {
    return new DeterministicAead() {
      @Override
      public byte[] encryptDeterministically(byte[] plaintext, byte[] associatedData)
          throws GeneralSecurityException {
        return slot.toProtect().encryptDeterministically(plaintext, associatedData);
      }

      @Override
      public byte[] decryptDeterministically(byte[] ciphertext, byte[] associatedData)
          throws GeneralSecurityException {
        return slot.process(
            KeyIds.ofPrefix(ciphertext),
            DeterministicAead::decryptDeterministically,
            ciphertext,
            associatedData);
      }
    };
  }

  private static StreamingAead streamingAead(Slot<StreamingAead> slot) {
    return new StreamingAead() {
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
    };
  }

  private static Mac mac(Slot<Mac> slot) {
    return new Mac() {
      @Override
      public byte[] computeMac(byte[] data) throws GeneralSecurityException {
        return slot.toProtect().computeMac(data);
      }

      @Override
      public void verifyMac(byte[] tag, byte[] data) throws GeneralSecurityException {
        slot.process(
            KeyIds.ofPrefix(tag),
            (mac, first, second) -> {
              mac.verifyMac(first, second);
              return true;
            },
            tag,
            data);
      }
    };
  }

  /** A chunked verification ends long after it was created, so it is not counted. */
  private static ChunkedMac chunkedMac(Slot<ChunkedMac> slot) {
    return new ChunkedMac() {
      @Override
      public ChunkedMacComputation createComputation() throws GeneralSecurityException {
        return slot.toProtect().createComputation();
      }

      @Override
      public ChunkedMacVerification createVerification(byte[] tag) throws GeneralSecurityException {
        return slot.get().createVerification(tag);
      }
    };
  }

  private static PrfSet prfSet(Slot<PrfSet> slot) {
    return new PrfSet() {
      @Override
      public int getPrimaryId() {
        return slot.get().getPrimaryId();
      }

      @Override
      public Map<Integer, Prf> getPrfs() throws GeneralSecurityException {
        return slot.get().getPrfs();
      }

      @Override
      public byte[] computePrimary(byte[] input, int outputLength) throws GeneralSecurityException {
        return slot.toProtect().computePrimary(input, outputLength);
      }
    };
  }

  private static PublicKeyVerify publicKeyVerify(Slot<PublicKeyVerify> slot) {
    return (signature, data) ->
        slot.process(
            KeyIds.ofPrefix(signature),
            (verifier, first, second) -> {
              verifier.verify(first, second);
              return true;
            },
            signature,
            data);
  }

  private static JwtMac jwtMac(Slot<JwtMac> slot) {
    return new JwtMac() {
      @Override
      public String computeMacAndEncode(RawJwt token) throws GeneralSecurityException {
        return slot.toProtect().computeMacAndEncode(token);
      }

      @Override
      public VerifiedJwt verifyMacAndDecode(String compact, JwtValidator validator)
          throws GeneralSecurityException {
        return slot.process(KeyIds.ofJwt(compact), JwtMac::verifyMacAndDecode, compact, validator);
      }
    };
  }
}
