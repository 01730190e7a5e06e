package dev.latchkey.benchmarks;

import com.google.crypto.tink.Aead;
import java.security.GeneralSecurityException;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** Encrypts and decrypts with the injected bean, and with Tink directly. */
@State(Scope.Benchmark)
@Fork(3)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class CallBenchmark {

  private static final byte[] ASSOCIATED_DATA = "order 1".getBytes();

  @Param({"16", "256", "4096", "65536"})
  int size;

  @Param({"tink", "injected"})
  String through = "tink";

  @SuppressWarnings("NullAway.Init")
  private Aead aead;

  private byte[] plaintext = new byte[0];
  private byte[] ciphertext = new byte[0];
  private @Nullable Keyset keyset;

  @Setup
  public void setUp() throws GeneralSecurityException {
    if (through.equals("injected")) {
      keyset = new Keyset();
      aead = keyset.injected();
    } else {
      aead = Keyset.ofTink();
    }
    plaintext = new byte[size];
    ciphertext = aead.encrypt(plaintext, ASSOCIATED_DATA);
  }

  @TearDown
  public void tearDown() {
    if (keyset != null) {
      keyset.close();
    }
  }

  @Benchmark
  public byte[] encrypt() throws GeneralSecurityException {
    return aead.encrypt(plaintext, ASSOCIATED_DATA);
  }

  @Benchmark
  public byte[] decrypt() throws GeneralSecurityException {
    return aead.decrypt(ciphertext, ASSOCIATED_DATA);
  }
}
