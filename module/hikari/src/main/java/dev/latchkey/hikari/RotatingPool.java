package dev.latchkey.hikari;

import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.HikariPoolMXBean;
import com.zaxxer.hikari.util.DriverDataSource;
import com.zaxxer.hikari.util.PropertyElf;
import com.zaxxer.hikari.util.UtilityElf;
import dev.latchkey.client.RotatingCredentials;
import dev.latchkey.secret.RotatingSecret;
import java.time.Clock;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.util.StringUtils;

/**
 * A HikariCP pool that opens connections with rotating credentials and, after a rotation, retires
 * those with older ones: each when it is idle, and all before their credentials expire.
 */
final class RotatingPool {

  private static final Logger logger = LoggerFactory.getLogger(RotatingPool.class);

  /**
   * From a rotation to the retirement of connections: one that was being opened with the previous
   * credentials has reached the pool by then.
   */
  private static final Duration SETTLING = Duration.ofSeconds(1);

  /** Settling takes at most this part of an overlap. */
  private static final int PARTS = 5;

  private final HikariDataSource pool;
  private final String name;
  private final RotatingSecret secret;
  private final Duration drain;
  private final ScheduledExecutorService executor;
  private final AtomicBoolean unhurried = new AtomicBoolean();

  private RotatingPool(
      HikariDataSource pool,
      String name,
      RotatingSecret secret,
      Duration drain,
      ScheduledExecutorService executor) {
    this.pool = pool;
    this.name = name;
    this.secret = secret;
    this.drain = drain;
    this.executor = executor;
  }

  /**
   * Lets a pool log in with rotating credentials. Opens no connection.
   *
   * @param pool not started yet
   * @param name in messages
   * @param executor retires connections; nothing waits for it
   * @throws dev.latchkey.LatchkeyException if there is no username, or no password
   */
  static void prepare(
      HikariDataSource pool,
      String name,
      RotatingCredentials rotating,
      Duration drain,
      ScheduledExecutorService executor,
      Clock clock) {
    RotatingCredentials credentials =
        StringUtils.hasText(pool.getUsername())
            ? rotating.withDefaultUsername(pool.getUsername())
            : rotating;
    PoolCredentials provider = new PoolCredentials(credentials);
    provider.getCredentials();
    RotatingSecret secret = credentials.secret();
    RotatingPool rotatingPool = new RotatingPool(pool, name, secret, drain, executor);
    pool.setCredentialsProvider(provider);
    pool.setExceptionOverride(
        new SessionWatch(secret, rotatingPool::hurry, clock, pool.getExceptionOverride()));
    DataSource target = target(pool);
    if (target != null) {
      pool.setDataSource(new RotatingDataSource(target, credentials));
    }
    secret.extendOverlap(drain.plus(SETTLING));
    secret.onRotation(value -> rotatingPool.retire());
  }

  /** What the pool itself would open its connections with; null if a container does. */
  private static @Nullable DataSource target(HikariDataSource pool) {
    if (pool.getDataSource() != null) {
      return pool.getDataSource();
    }
    if (pool.getDataSourceClassName() != null) {
      DataSource target =
          UtilityElf.createInstance(pool.getDataSourceClassName(), DataSource.class);
      PropertyElf.setTargetFromProperties(target, pool.getDataSourceProperties());
      return target;
    }
    return pool.getJdbcUrl() == null
        ? null
        : new DriverDataSource(
            pool.getJdbcUrl(),
            pool.getDriverClassName(),
            pool.getDataSourceProperties(),
            null,
            null);
  }

  private void retire() {
    Duration overlap = secret.overlap();
    if (secret.previous().isEmpty()) {
      softEvict(); // open sessions no longer work
    }
    if (!overlap.isZero()) {
      schedule(this::softEvict, Collections.min(List.of(SETTLING, overlap.dividedBy(PARTS))));
    } else if (unhurried.compareAndSet(false, true)) {
      schedule(this::evictUnhurried, SETTLING.plus(share(drain)));
    }
  }

  /**
   * Credentials without a lease leave open sessions alone and may be shared by many instances,
   * which spread their reconnects.
   */
  private static Duration share(Duration most) {
    return Duration.ofMillis(ThreadLocalRandom.current().nextLong(most.toMillis() + 1));
  }

  private void evictUnhurried() {
    if (unhurried.compareAndSet(true, false)) {
      softEvict();
    }
  }

  /** A statement failed as if the user no longer existed: if connections wait, retire them now. */
  private void hurry() {
    if (unhurried.get()) {
      schedule(this::evictUnhurried, Duration.ZERO);
    }
  }

  private void schedule(Runnable task, Duration delay) {
    try {
      executor.schedule(task, delay.toMillis(), TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException ex) {
      // the application stops, and closes its pools
    }
  }

  /** Closes idle connections; the others are closed when they are returned. */
  private void softEvict() {
    HikariPoolMXBean started = pool.getHikariPoolMXBean();
    if (started != null && !pool.isClosed()) {
      logger.debug(
          "Pool {}: replacing connections after a rotation of secret {}", name, secret.name());
      started.softEvictConnections();
    }
  }
}
