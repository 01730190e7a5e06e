package dev.latchkey.hikari;

import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.HikariPoolMXBean;
import com.zaxxer.hikari.util.DriverDataSource;
import com.zaxxer.hikari.util.PropertyElf;
import com.zaxxer.hikari.util.UtilityElf;
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

/**
 * A HikariCP pool whose connections are opened with the version of a secret that is in use, and are
 * let go when another takes its place: each when nobody uses it, and all before the credentials end
 * that they were opened with.
 *
 * @since 0.1
 */
public final class RotatingPool {

  private static final Logger logger = LoggerFactory.getLogger(RotatingPool.class);

  /**
   * From a new version's use to the retirement of connections: whoever was about to put one into
   * the pool, opened with the version before, has done so by then.
   */
  private static final Duration SETTLING = Duration.ofSeconds(1);

  /** No more than this part of an overlap is spent on settling. */
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
   * Gives a pool its secret. Opens no connection.
   *
   * @param pool not started yet
   * @param name in messages
   * @param executor retires connections; nothing waits on it
   * @throws dev.latchkey.LatchkeyException if the secret does not hold a user and a password
   */
  public static void prepare(
      HikariDataSource pool,
      String name,
      RotatingSecret secret,
      PoolSettings settings,
      ScheduledExecutorService executor,
      Clock clock) {
    PoolCredentials credentials =
        new PoolCredentials(secret, settings.fields(), pool.getUsername());
    credentials.getCredentials();
    RotatingPool rotating = new RotatingPool(pool, name, secret, settings.drain(), executor);
    pool.setCredentialsProvider(credentials);
    pool.setExceptionOverride(
        new SessionWatch(secret, rotating::hurry, clock, pool.getExceptionOverride()));
    DataSource target = target(pool);
    if (target != null) {
      pool.setDataSource(new RotatingDataSource(target, secret, credentials));
    }
    secret.extendOverlap(settings.drain().plus(SETTLING));
    secret.onRotation(version -> rotating.retire());
  }

  /** What the pool would open its connections with itself; null if a container does. */
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
      softEvict(); // open sessions can do nothing any more
    }
    if (!overlap.isZero()) {
      schedule(this::softEvict, Collections.min(List.of(SETTLING, overlap.dividedBy(PARTS))));
    } else if (unhurried.compareAndSet(false, true)) {
      schedule(this::evictUnhurried, SETTLING.plus(share(drain)));
    }
  }

  /**
   * Credentials without a lease leave open sessions alone, and may be those of many instances: they
   * spread what they do.
   */
  private static Duration share(Duration most) {
    return Duration.ofMillis(ThreadLocalRandom.current().nextLong(most.toMillis() + 1));
  }

  private void evictUnhurried() {
    if (unhurried.compareAndSet(true, false)) {
      softEvict();
    }
  }

  /** A statement failed as if the user were gone: so there is hurry, if anything is to be done. */
  private void hurry() {
    if (unhurried.get()) {
      schedule(this::evictUnhurried, Duration.ZERO);
    }
  }

  private void schedule(Runnable task, Duration delay) {
    try {
      executor.schedule(task, delay.toMillis(), TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException ex) {
      // the application stops, and its pools with it
    }
  }

  /** Closes connections that nobody uses; the others are closed when they are given back. */
  private void softEvict() {
    HikariPoolMXBean started = pool.getHikariPoolMXBean();
    if (started != null && !pool.isClosed()) {
      logger.debug("Pool {} replaces its connections: secret {} rotated", name, secret.name());
      started.softEvictConnections();
    }
  }
}
