package dev.latchkey.hikari;

import com.zaxxer.hikari.SQLExceptionOverride;
import dev.latchkey.secret.RotatingSecret;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Learns from failed statements that the users of open sessions may no longer exist, for example
 * after a token was revoked, and reads the secret again. Only the secret's own thread waits for
 * that.
 *
 * <p>Statements also fail because an application lacks a privilege: the longer they fail with the
 * same credentials, the less often the secret is read.
 */
final class SessionWatch implements SQLExceptionOverride {

  private static final Duration FIRST_PAUSE = Duration.ofMillis(500);
  private static final Duration LONGEST_PAUSE = Duration.ofMinutes(1);

  private final RotatingSecret secret;
  private final Runnable doubt;
  private final Clock clock;
  private final @Nullable SQLExceptionOverride own;
  private Duration pause = FIRST_PAUSE;
  private Instant notBefore = Instant.MIN;

  /**
   * @param doubt runs with each such failure and must not block
   * @param own what the pool was configured with, which still decides
   */
  SessionWatch(
      RotatingSecret secret, Runnable doubt, Clock clock, @Nullable SQLExceptionOverride own) {
    this.secret = secret;
    this.doubt = doubt;
    this.clock = clock;
    this.own = own;
    secret.onRotation(value -> begin());
  }

  @java.lang.Override // the interface has an Override of its own
  public Override adjudicate(SQLException failure) {
    if (AuthenticationErrors.mayEndSession(failure)) {
      doubt.run();
      if (isTimeToRead()) {
        secret.refresh(Duration.ZERO);
      }
    }
    return own == null ? Override.CONTINUE_EVICT : own.adjudicate(failure);
  }

  private synchronized void begin() {
    pause = FIRST_PAUSE;
    notBefore = Instant.MIN;
  }

  private synchronized boolean isTimeToRead() {
    Instant now = clock.instant();
    if (now.isBefore(notBefore)) {
      return false;
    }
    notBefore = now.plus(pause);
    pause = Collections.min(List.of(pause.multipliedBy(2), LONGEST_PAUSE));
    return true;
  }
}
