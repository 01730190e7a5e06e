package dev.latchkey.vault.internal.keyset;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.crypto.tink.Aead;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;

/** Threads that encrypt and decrypt all the time; not one call may fail. */
public final class Load implements AutoCloseable {

  private static final byte[] NONE = {};

  private final Aead aead;
  private final AtomicLong operations = new AtomicLong();
  private final Queue<byte[]> kept = new ConcurrentLinkedQueue<>();
  private final Queue<Throwable> failures = new ConcurrentLinkedQueue<>();
  private final List<Thread> threads;
  private volatile boolean ended;

  public Load(Aead aead) {
    this.aead = aead;
    this.threads = IntStream.range(0, 2).mapToObj(i -> new Thread(this::work, "load")).toList();
    threads.forEach(Thread::start);
  }

  private void work() {
    while (!ended) {
      try {
        long number = operations.incrementAndGet();
        byte[] text = ByteBuffer.allocate(8).putLong(number).array();
        byte[] ciphertext = aead.encrypt(text, NONE);
        if (!ByteBuffer.wrap(aead.decrypt(ciphertext, NONE)).equals(ByteBuffer.wrap(text))) {
          throw new AssertionError("another text came back");
        }
        if (number % 1000 == 0) {
          kept.add(ciphertext);
        }
        Thread.onSpinWait();
      } catch (Exception | AssertionError ex) {
        failures.add(ex);
      }
    }
  }

  /** Waits until that many operations were done from now on, and none failed. */
  public void goesOn() {
    long goal = operations.get() + 200;
    VaultInstance.await(() -> operations.get() > goal);
    assertThat(failures).isEmpty();
  }

  /** Some of what was encrypted since the start. */
  public Queue<byte[]> kept() {
    return kept;
  }

  @Override
  public void close() throws InterruptedException {
    ended = true;
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(failures).isEmpty();
    for (byte[] ciphertext : kept) {
      try {
        assertThat(aead.decrypt(ciphertext, NONE)).hasSize(8);
      } catch (GeneralSecurityException ex) {
        throw new AssertionError("what was encrypted before does not decrypt", ex);
      }
    }
  }
}
