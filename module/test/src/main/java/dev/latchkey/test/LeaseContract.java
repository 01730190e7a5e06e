package dev.latchkey.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.latchkey.follow.internal.Followers;
import dev.latchkey.secret.Lease;
import dev.latchkey.secret.LeaseExpiredException;
import dev.latchkey.secret.RotatingSecret;
import dev.latchkey.secret.SecretReference;
import dev.latchkey.secret.SecretSource;
import dev.latchkey.secret.SecretValue;
import dev.latchkey.secret.SecretValue.Kind;
import dev.latchkey.secret.rotating.internal.PinnedSecretSource;
import dev.latchkey.secret.rotating.internal.RotatingSecrets;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The contract of every {@link SecretSource} that grants leases. */
public abstract class LeaseContract {

  private static final Duration REFRESH_TIMEOUT = Duration.ofSeconds(30);

  /** The source under test: the same one throughout a test. */
  protected abstract SecretSource source();

  /**
   * The path of credentials that are leased for {@link #standard()} and can be renewed up to {@link
   * #maximum()}: the same one throughout a test.
   */
  protected abstract String path();

  /** How long a lease is granted for. */
  protected Duration standard() {
    return Duration.ofMinutes(1);
  }

  /** The maximum lifetime of a lease. */
  protected Duration maximum() {
    return Duration.ofMinutes(10);
  }

  /** Whether the credentials are valid. */
  protected abstract boolean isValid(SecretValue credentials);

  private SecretValue lease() {
    return source().readNewest(path()).orElseThrow();
  }

  private static Lease leaseOf(SecretValue credentials) {
    return credentials.lease().orElseThrow();
  }

  @Test
  void grantsANewLeaseForEveryRead() {
    SecretValue first = lease();
    SecretValue second = source().read(path(), null).orElseThrow();

    assertThat(first.kind()).isEqualTo(Kind.LEASE);
    assertThat(first.proved()).isTrue();
    assertThat(leaseOf(first).id()).isNotEqualTo(leaseOf(second).id());
    assertThat(leaseOf(first).duration()).isEqualTo(standard());
    assertThat(leaseOf(first).renewable()).isTrue();
    assertThat(first.values()).isNotEqualTo(second.values());
    assertThat(isValid(first)).isTrue();
    assertThat(isValid(second)).isTrue();
  }

  @Test
  void keepsTheCredentialsWhenALeaseIsRenewed() {
    SecretValue credentials = lease();

    Lease renewed = source().renew(leaseOf(credentials), standard().multipliedBy(2));

    assertThat(renewed.id()).isEqualTo(leaseOf(credentials).id());
    assertThat(renewed.duration()).isGreaterThan(standard());
    assertThat(isValid(credentials)).isTrue();
  }

  @Test
  void grantsNoMoreThanTheMaximumWhenALeaseIsRenewed() {
    Lease renewed = source().renew(leaseOf(lease()), maximum().multipliedBy(2));

    assertThat(renewed.duration()).isLessThanOrEqualTo(maximum());
  }

  @Test
  void invalidatesOnlyTheCredentialsWhoseLeaseIsRevoked() {
    SecretValue revoked = lease();
    SecretValue other = lease();

    source().revoke(leaseOf(revoked));

    assertThat(isValid(revoked)).isFalse();
    assertThat(isValid(other)).isTrue();
  }

  @Test
  void doesNothingWhenALeaseIsRevokedTwice() {
    Lease lease = leaseOf(lease());
    source().revoke(lease);

    source().revoke(lease);
  }

  @Test
  void refusesToRenewALeaseWhenItWasRevoked() {
    Lease lease = leaseOf(lease());
    source().revoke(lease);

    assertThatThrownBy(() -> source().renew(lease, standard()))
        .isInstanceOf(LeaseExpiredException.class)
        .hasMessageNotContaining("password");
  }

  @Test
  void replacesCredentialsOfARotatingSecretWhenTheirLeaseWasRevoked() {
    try (Followers followers = new Followers(Clock.systemUTC());
        RotatingSecrets secrets = secrets(followers)) {
      RotatingSecret secret = secrets.at(SecretReference.ofPath(path()));
      SecretValue first = secret.current();
      source().revoke(leaseOf(first));

      assertThat(secret.refresh(REFRESH_TIMEOUT)).isTrue();

      assertThat(isValid(secret.current())).isTrue();
      assertThat(secret.previous()).isEmpty();
    }
  }

  @Test
  void keepsReplacedCredentialsValidForTheOverlap() {
    try (Followers followers = new Followers(Clock.systemUTC());
        RotatingSecrets secrets = secrets(followers)) {
      RotatingSecret secret = secrets.at(SecretReference.ofPath(path()));
      SecretValue first = secret.current();

      secrets.rotate(secret.name());

      assertThat(secret.current()).isNotSameAs(first);
      assertThat(secret.previous()).contains(first);
      assertThat(secret.overlap()).isPositive();
      assertThat(isValid(first)).isTrue();
    }
  }

  @Test
  void revokesAllLeasesOfARotatingSecretWhenItIsClosed() {
    SecretValue first;
    SecretValue second;
    try (Followers followers = new Followers(Clock.systemUTC());
        RotatingSecrets secrets = secrets(followers)) {
      RotatingSecret secret = secrets.at(SecretReference.ofPath(path()));
      first = secret.current();
      secrets.rotate(secret.name());
      second = secret.current();
    }

    await().until(() -> !isValid(first) && !isValid(second));
  }

  @Test
  void revokesTheLeaseOfAPinnedValueWhenItIsClosed() {
    SecretValue pinned;
    try (Followers followers = new Followers(Clock.systemUTC());
        PinnedSecretSource source =
            new PinnedSecretSource(source(), followers, Clock.systemUTC())) {
      pinned = source.read(path(), null).orElseThrow();
      assertThat(isValid(pinned)).isTrue();
    }

    await().until(() -> !isValid(pinned));
  }

  private RotatingSecrets secrets(Followers followers) {
    return new RotatingSecrets(
        List.of(), this::source, Duration.ofHours(1), followers, Clock.systemUTC(), event -> {});
  }

  @Test
  void printsNoCredentials() {
    SecretValue credentials = lease();

    assertThat(credentials.toString()).doesNotContain(credentials.texts().values());
  }
}
