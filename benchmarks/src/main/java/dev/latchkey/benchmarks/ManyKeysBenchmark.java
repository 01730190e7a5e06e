package dev.latchkey.benchmarks;

import com.google.crypto.tink.Aead;
import java.security.GeneralSecurityException;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** Decrypts with keysets that have many keys. */
@State(Scope.Benchmark)
@Fork(3)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@SuppressWarnings("NullAway.Init")
public class ManyKeysBenchmark {

  private static final byte[] ASSOCIATED_DATA = "order 1".getBytes();

  /** Number of keys, excluding the spare. */
  @Param({"1", "10", "50"})
  int keys;

  private Keyset keyset;
  private Aead aead;
  private byte[] byOldest;
  private byte[] byNewest;

  @Setup
  public void setUp() throws GeneralSecurityException {
    keyset = new Keyset();
    aead = keyset.injected();
    byOldest = aead.encrypt(new byte[256], ASSOCIATED_DATA);
    for (int made = 1; made < keys; made++) {
      keyset.rotate();
    }
    byNewest = aead.encrypt(new byte[256], ASSOCIATED_DATA);
  }

  @TearDown
  public void tearDown() {
    keyset.close();
  }

  @Benchmark
  public byte[] decryptByNewest() throws GeneralSecurityException {
    return aead.decrypt(byNewest, ASSOCIATED_DATA);
  }

  @Benchmark
  public byte[] decryptByOldest() throws GeneralSecurityException {
    return aead.decrypt(byOldest, ASSOCIATED_DATA);
  }
}
