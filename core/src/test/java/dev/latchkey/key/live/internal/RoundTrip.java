package dev.latchkey.key.live.internal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

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
import com.google.crypto.tink.mac.ChunkedMac;
import com.google.crypto.tink.prf.Prf;
import com.google.crypto.tink.prf.PrfSet;
import dev.latchkey.key.PrimitiveFamily;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.List;

/** What a primitive made, waiting to be decrypted or verified through every method there is. */
@FunctionalInterface
interface RoundTrip {

  byte[] DATA = "data".getBytes(UTF_8);
  byte[] CONTEXT = "context".getBytes(UTF_8);

  void open() throws Exception;

  /** Uses every method that makes something, of every primitive of a keyset. */
  static List<RoundTrip> start(PrimitiveFamily family, LiveKeyset keyset) throws Exception {
    return switch (family) {
      case AEAD -> aead(keyset.primitive(Aead.class));
      case DETERMINISTIC_AEAD -> deterministicAead(keyset.primitive(DeterministicAead.class));
      case STREAMING_AEAD -> streamingAead(keyset.primitive(StreamingAead.class));
      case MAC -> mac(keyset.primitive(Mac.class), keyset.primitive(ChunkedMac.class));
      case PRF -> prf(keyset.primitive(PrfSet.class));
      case SIGNATURE ->
          signature(keyset.primitive(PublicKeySign.class), keyset.primitive(PublicKeyVerify.class));
      case HYBRID ->
          hybrid(keyset.primitive(HybridEncrypt.class), keyset.primitive(HybridDecrypt.class));
      case JWT_MAC -> jwtMac(keyset.primitive(JwtMac.class));
      case JWT_SIGNATURE ->
          jwtSignature(
              keyset.primitive(JwtPublicKeySign.class), keyset.primitive(JwtPublicKeyVerify.class));
    };
  }

  private static List<RoundTrip> aead(Aead aead) throws Exception {
    byte[] ciphertext = aead.encrypt(DATA, CONTEXT);
    return List.of(() -> assertThat(aead.decrypt(ciphertext, CONTEXT)).isEqualTo(DATA));
  }

  private static List<RoundTrip> deterministicAead(DeterministicAead aead) throws Exception {
    byte[] ciphertext = aead.encryptDeterministically(DATA, CONTEXT);
    return List.of(
        () -> assertThat(aead.decryptDeterministically(ciphertext, CONTEXT)).isEqualTo(DATA));
  }

  private static List<RoundTrip> streamingAead(StreamingAead aead) throws Exception {
    var byStream = new ByteArrayOutputStream();
    try (var stream = aead.newEncryptingStream(byStream, CONTEXT)) {
      stream.write(DATA);
    }
    var byChannel = new ByteArrayOutputStream();
    try (WritableByteChannel channel =
        aead.newEncryptingChannel(Channels.newChannel(byChannel), CONTEXT)) {
      channel.write(ByteBuffer.wrap(DATA));
    }
    return List.of(
        () -> {
          var source = new ByteArrayInputStream(byStream.toByteArray());
          try (var stream = aead.newDecryptingStream(source, CONTEXT)) {
            assertThat(stream.readAllBytes()).isEqualTo(DATA);
          }
        },
        () -> {
          var source = Channels.newChannel(new ByteArrayInputStream(byChannel.toByteArray()));
          try (var stream = Channels.newInputStream(aead.newDecryptingChannel(source, CONTEXT))) {
            assertThat(stream.readAllBytes()).isEqualTo(DATA);
          }
        },
        () -> {
          Path file = Files.write(Files.createTempFile("ciphertext", null), byStream.toByteArray());
          var plaintext = ByteBuffer.allocate(DATA.length);
          try (var channel =
              aead.newSeekableDecryptingChannel(Files.newByteChannel(file), CONTEXT)) {
            while (plaintext.hasRemaining() && channel.read(plaintext) >= 0) {}
            assertThat(plaintext.array()).isEqualTo(DATA);
          } finally {
            Files.delete(file);
          }
        });
  }

  private static List<RoundTrip> mac(Mac mac, ChunkedMac chunked) throws Exception {
    byte[] whole = mac.computeMac(DATA);
    byte[] pieces = compute(chunked);
    return List.of(() -> verify(chunked, whole), () -> mac.verifyMac(pieces, DATA));
  }

  static byte[] compute(ChunkedMac mac) throws GeneralSecurityException {
    var computation = mac.createComputation();
    computation.update(ByteBuffer.wrap(DATA));
    return computation.computeMac();
  }

  static void verify(ChunkedMac mac, byte[] tag) throws GeneralSecurityException {
    var verification = mac.createVerification(tag);
    verification.update(ByteBuffer.wrap(DATA));
    verification.verifyMac();
  }

  private static List<RoundTrip> prf(PrfSet prfs) throws Exception {
    byte[] output = prfs.computePrimary(DATA, 16);
    int id = prfs.getPrimaryId();
    Prf primary = requireNonNull(prfs.getPrfs().get(id));
    return List.of(
        () -> assertThat(primary.compute(DATA, 16)).isEqualTo(output),
        () -> {
          Prf now = requireNonNull(prfs.getPrfs().get(id));
          assertThat(now.compute(DATA, 16)).isEqualTo(output);
        });
  }

  private static List<RoundTrip> signature(PublicKeySign signer, PublicKeyVerify verifier)
      throws Exception {
    byte[] signature = signer.sign(DATA);
    return List.of(() -> verifier.verify(signature, DATA));
  }

  private static List<RoundTrip> hybrid(HybridEncrypt encrypter, HybridDecrypt decrypter)
      throws Exception {
    byte[] ciphertext = encrypter.encrypt(DATA, CONTEXT);
    return List.of(() -> assertThat(decrypter.decrypt(ciphertext, CONTEXT)).isEqualTo(DATA));
  }

  private static List<RoundTrip> jwtMac(JwtMac mac) throws Exception {
    String token = mac.computeMacAndEncode(jwt());
    return List.of(
        () ->
            assertThat(mac.verifyMacAndDecode(token, validator()).getSubject()).isEqualTo("alice"));
  }

  private static List<RoundTrip> jwtSignature(JwtPublicKeySign signer, JwtPublicKeyVerify verifier)
      throws Exception {
    String token = signer.signAndEncode(jwt());
    return List.of(
        () ->
            assertThat(verifier.verifyAndDecode(token, validator()).getSubject())
                .isEqualTo("alice"));
  }

  private static RawJwt jwt() {
    return RawJwt.newBuilder().setSubject("alice").withoutExpiration().build();
  }

  private static JwtValidator validator() {
    return JwtValidator.newBuilder().allowMissingExpiration().build();
  }
}
