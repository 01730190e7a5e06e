package dev.latchkey.redis;

import dev.latchkey.secret.LoginFields;
import dev.latchkey.secret.RotatingSecret;
import dev.latchkey.secret.SecretVersion;
import io.lettuce.core.RedisCredentials;
import io.lettuce.core.RedisCredentialsProvider;
import org.springframework.data.redis.connection.RedisConfiguration;
import org.springframework.data.redis.connection.lettuce.RedisCredentialsProviderFactory;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/**
 * Gives Lettuce user and password of a secret that rotates: for each new connection, and for those
 * that are open as soon as others take their place. No connection is closed for that.
 *
 * @since 0.1
 */
public final class RotatingRedisCredentials
    implements RedisCredentialsProvider, RedisCredentialsProviderFactory {

  private final RotatingSecret secret;
  private final LoginFields fields;
  private final Sinks.Many<RedisCredentials> rotations =
      Sinks.many().multicast().directBestEffort();

  /**
   * @param secret one that names no user has the default user's password
   */
  public RotatingRedisCredentials(RotatingSecret secret, LoginFields fields) {
    this.secret = secret;
    this.fields = fields;
    secret.onRotation(version -> rotations.tryEmitNext(credentials(version)));
  }

  @Override
  public RedisCredentialsProvider createCredentialsProvider(RedisConfiguration configuration) {
    return this;
  }

  @Override
  public Mono<RedisCredentials> resolveCredentials() {
    return Mono.fromSupplier(() -> credentials(secret.current()));
  }

  @Override
  public boolean supportsStreaming() {
    return true;
  }

  /** The present ones first: they may have changed while the connection came about. */
  @Override
  public Flux<RedisCredentials> credentials() {
    return Flux.defer(
        () -> rotations.asFlux().startWith(Mono.fromSupplier(() -> credentials(secret.current()))));
  }

  private RedisCredentials credentials(SecretVersion version) {
    return RedisCredentials.just(fields.username(version).orElse(null), fields.password(version));
  }
}
