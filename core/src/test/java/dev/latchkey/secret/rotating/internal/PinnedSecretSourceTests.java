package dev.latchkey.secret.rotating.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.test.MutableClock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class FixedLeasesTests {

  private final MutableClock clock = new MutableClock(Instant.parse("2026-01-01T00:00:00Z"));
  private final FakeRotatingSource source =
      new FakeRotatingSource(clock).lending(Duration.ofMinutes(1), Duration.ofHours(1));
  private final ScheduledExecutorService executor = Executors.newSingleThreadScheduledExecutor();
  private final FixedLeases leases = new FixedLeases(source, executor, clock);

  @AfterEach
  void stop() {
    executor.shutdownNow();
  }

  @Test
  void endsAllLeasesWhenItIsClosed() {
    leases.read("database/creds/one");
    leases.read("database/creds/other");

    leases.close();

    assertThat(source.leases).isEmpty();
  }

  @Test
  void endsWhatWasLentWhileItWasClosed() {
    source.reading = leases::close;

    leases.read("database/creds/orders");

    assertThat(source.requests).containsExactly("read", "revoke lease1");
    assertThat(source.leases).isEmpty();
  }
}
