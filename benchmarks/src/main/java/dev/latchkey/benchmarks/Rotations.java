package dev.latchkey.benchmarks;

import com.google.crypto.tink.Aead;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.DoubleStream;

/**
 * Measures the costs of counting and of rotations: encrypts and decrypts with Tink directly, with a
 * delegate that does not count, with the injected bean, and with an injected bean whose keyset
 * rotates every 100 ms. They alternate in one process, so that noise affects all of them equally.
 */
public final class Rotations {

  private static final Duration ROUND = Duration.ofMillis(250);
  private static final Duration BETWEEN_ROTATIONS = Duration.ofMillis(100);
  private static final String ROTATING = "the injected bean, rotating every 100 ms";
  private static final int CALLS_BETWEEN_LOOKS = 64;
  private static final int MOST_LATENCIES = 1 << 21;
  private static final byte[] ASSOCIATED_DATA = "order 1".getBytes();

  private final long[] latencies = new long[MOST_LATENCIES];
  private final int rounds;
  private final byte[] plaintext;

  private Rotations(int rounds, int size) {
    this.rounds = rounds;
    this.plaintext = new byte[size];
  }

  /**
   * @param arguments the number of rounds (default: 25)
   */
  public static void main(String[] arguments) throws GeneralSecurityException {
    int rounds = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 25;
    System.out.println(
        "\n| | through | op/s | ratio to Tink | p99, ns | ratio to Tink |\n|---|---|---|---|---|---|");
    for (int size : new int[] {16, 256, 4096}) {
      new Rotations(rounds, size).run();
    }
  }

  private void run() throws GeneralSecurityException {
    for (Operation operation : Operation.values()) {
      try (Keyset still = new Keyset();
          Keyset rotating = new Keyset()) {
        Aead tink = Keyset.ofTink();
        List<Subject> subjects =
            List.of(
                subject("Tink", call(operation, tink)),
                subject("a delegate that does not count", call(operation, new Delegate(tink))),
                subject("the injected bean", call(operation, still.injected())),
                subject(ROTATING, call(operation, rotating.injected())));
        measure(subjects, rotating);
        print(operation, subjects);
      }
    }
  }

  private Subject subject(String name, Call call) {
    return new Subject(name, call, new double[rounds], new double[rounds]);
  }

  private Call call(Operation operation, Aead aead) throws GeneralSecurityException {
    byte[] ciphertext = aead.encrypt(plaintext, ASSOCIATED_DATA);
    return operation == Operation.ENCRYPT
        ? () -> aead.encrypt(plaintext, ASSOCIATED_DATA)
        : () -> aead.decrypt(ciphertext, ASSOCIATED_DATA);
  }

  private void measure(List<Subject> subjects, Keyset rotating) throws GeneralSecurityException {
    int warmUp = Math.max(rounds / 5, 1);
    for (int round = -warmUp; round < rounds; round++) {
      for (Subject subject : subjects) {
        ScheduledExecutorService rotations = Executors.newSingleThreadScheduledExecutor();
        try {
          if (subject.name.equals(ROTATING)) {
            rotations.scheduleAtFixedRate(
                rotating::rotate, 0, BETWEEN_ROTATIONS.toMillis(), TimeUnit.MILLISECONDS);
          }
          double throughput = throughput(subject.call);
          double worst = percentile99(subject.call);
          if (round >= 0) {
            subject.throughputs[round] = throughput;
            subject.worst[round] = worst;
          }
        } finally {
          rotations.shutdownNow();
        }
      }
    }
  }

  /** Returns operations per second. */
  private static double throughput(Call call) throws GeneralSecurityException {
    long start = System.nanoTime();
    long end = start + ROUND.toNanos();
    long now = start;
    long done = 0;
    while (now < end) {
      for (int i = 0; i < CALLS_BETWEEN_LOOKS; i++) {
        sink = call.make();
      }
      done += CALLS_BETWEEN_LOOKS;
      now = System.nanoTime();
    }
    return done * 1e9 / (now - start);
  }

  /** Returns the 99th percentile in nanoseconds, including the time to read the clock. */
  private double percentile99(Call call) throws GeneralSecurityException {
    long now = System.nanoTime();
    long end = now + ROUND.toNanos();
    int done = 0;
    while (now < end && done < MOST_LATENCIES) {
      sink = call.make();
      long after = System.nanoTime();
      latencies[done++] = after - now;
      now = after;
    }
    Arrays.sort(latencies, 0, done);
    return latencies[(int) (done * 0.99)];
  }

  private void print(Operation operation, List<Subject> subjects) {
    Subject tink = subjects.get(0);
    for (Subject subject : subjects) {
      System.out.printf(
          "| %s %d B | %s | %,.0f | %.3f | %,.0f | %.3f |%n",
          operation.name().toLowerCase(Locale.ROOT),
          plaintext.length,
          subject.name,
          median(subject.throughputs),
          median(subject.throughputs) / median(tink.throughputs),
          median(subject.worst),
          median(subject.worst) / median(tink.worst));
    }
  }

  private static double median(double[] values) {
    double[] sorted = DoubleStream.of(values).sorted().toArray();
    return sorted[sorted.length / 2];
  }

  /** Consumes results, so that no call is optimized away. */
  @SuppressWarnings("NullAway.Init")
  private static volatile byte[] sink;

  private enum Operation {
    ENCRYPT,
    DECRYPT
  }

  /**
   * A measured implementation.
   *
   * @param throughputs the operations per second of each round
   * @param worst the 99th percentile of each round in nanoseconds
   */
  private record Subject(String name, Call call, double[] throughputs, double[] worst) {}

  @FunctionalInterface
  private interface Call {
    byte[] make() throws GeneralSecurityException;
  }

  /** The injected bean without counting. */
  private static final class Delegate implements Aead {

    private volatile Aead current;

    private Delegate(Aead current) {
      this.current = current;
    }

    @Override
    public byte[] encrypt(byte[] plaintext, byte[] associatedData) throws GeneralSecurityException {
      return current.encrypt(plaintext, associatedData);
    }

    @Override
    public byte[] decrypt(byte[] ciphertext, byte[] associatedData)
        throws GeneralSecurityException {
      return current.decrypt(ciphertext, associatedData);
    }
  }
}
