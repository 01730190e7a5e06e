package dev.latchkey.redis;

import dev.latchkey.secret.LoginFields;
import dev.latchkey.secret.RotatingSecret;
import dev.latchkey.secret.SecretValue;
import io.lettuce.core.RedisCredentials;
import io.lettuce.core.RedisCredentialsProvider;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.data.redis.connection.RedisConfiguration;
import org.springframework.data.redis.connection.lettuce.RedisCredentialsProviderFactory;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Schedulers;

/**
 * Gives Lettuce user and password of a secret that rotates: for each new connection, and for those
 * that are open as soon as others take their place. No connection is closed for that.
 *
 * @since 0.1
 */
public final class RotatingRedisCredentials
    implements RedisCredentialsProvider, RedisCredentialsProviderFactory {

  /** How long a connection waits for the secret's store. */
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private final RotatingSecret secret;
  private final LoginFields fields;
  private final Sinks.Many<SecretValue> rotations = Sinks.many().multicast().directBestEffort();
  private volatile @Nullable SecretValue given;
  private volatile @Nullable SecretValue refused;

  /**
   * @param secret one that names no user has the default user's password
   */
  public RotatingRedisCredentials(RotatingSecret secret, LoginFields fields) {
    this.secret = secret;
    this.fields = fields;
    secret.onRotation(this::rotated);
  }

  private void rotated(SecretValue version) {
    fields.password(version); // one without is logged as the listener's failure
    rotations.tryEmitNext(version);
  }

  @Override
  public RedisCredentialsProvider createCredentialsProvider(RedisConfiguration configuration) {
    return this;
  }

  /** Where the last ones were refused, the store is asked for others first. */
  @Override
  public Mono<RedisCredentials> resolveCredentials() {
    return Mono.defer(
        () ->
            secret.current() == refused
                ? Mono.fromSupplier(this::newest).subscribeOn(Schedulers.boundedElastic())
                : Mono.just(current()));
  }

  /** Redis refused the credentials that were given last: the secret is asked at once. */
  void refused() {
    refused = given;
    secret.refresh(Duration.ZERO);
  }

  private RedisCredentials newest() {
    secret.refresh(PATIENCE);
    return current();
  }

  @Override
  public boolean supportsStreaming() {
    return true;
  }

  /**
   * The present ones too: they may have changed while the connection came about. Each time those
   * are given that are the newest then, so that none is missed and none comes too late; without a
   * password, none.
   */
  @Override
  public Flux<RedisCredentials> credentials() {
    return Flux.merge(rotations.asFlux(), Mono.fromSupplier(secret::current))
        .concatMap(version -> Mono.fromSupplier(this::current).onErrorComplete());
  }

  private RedisCredentials current() {
    SecretValue version = secret.current();
    given = version;
    return RedisCredentials.just(fields.username(version).orElse(null), fields.password(version));
  }
}
