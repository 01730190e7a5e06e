package dev.latchkey.redis;

import dev.latchkey.client.RotatingCredentials;
import dev.latchkey.client.UsernamePassword;
import io.lettuce.core.RedisCredentials;
import io.lettuce.core.RedisCredentialsProvider;
import org.jspecify.annotations.Nullable;
import org.springframework.data.redis.connection.RedisConfiguration;
import org.springframework.data.redis.connection.lettuce.RedisCredentialsProviderFactory;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Schedulers;

/**
 * Gives Lettuce rotating credentials: for each new connection, and for open ones as soon as the
 * credentials rotate. No connection is closed for that.
 *
 * @since 0.1
 */
public final class RotatingRedisCredentials
    implements RedisCredentialsProvider, RedisCredentialsProviderFactory {

  private final RotatingCredentials credentials;
  private final Sinks.Many<RotatingCredentials> rotations =
      Sinks.many().multicast().directBestEffort();
  private volatile @Nullable UsernamePassword given;

  /**
   * Credentials of Redis's default user if the secret holds no username.
   *
   * @param credentials used for every login
   */
  public RotatingRedisCredentials(RotatingCredentials credentials) {
    this.credentials = credentials;
    credentials.onRotation(rotated -> rotations.tryEmitNext(credentials));
  }

  @Override
  public RedisCredentialsProvider createCredentialsProvider(RedisConfiguration configuration) {
    return this;
  }

  /** If Redis rejected the last credentials, waits for newer ones. */
  @Override
  public Mono<RedisCredentials> resolveCredentials() {
    return Mono.defer(
        () ->
            credentials.isRejected()
                ? Mono.fromSupplier(() -> give(credentials.next()))
                    .subscribeOn(Schedulers.boundedElastic())
                : Mono.just(give(credentials.current())));
  }

  /** Redis rejected the credentials that were given last. */
  void rejected() {
    UsernamePassword last = given;
    if (last != null) {
      credentials.reject(last);
    }
  }

  @Override
  public boolean supportsStreaming() {
    return true;
  }

  /**
   * Starts with the current credentials, which may have rotated while the connection was opened.
   * Each signal gives the newest credentials, so that none is missed and none comes too late. A
   * secret without a password has none.
   */
  @Override
  public Flux<RedisCredentials> credentials() {
    return Flux.merge(rotations.asFlux(), Mono.just(credentials))
        .concatMap(each -> Mono.fromSupplier(() -> give(each.current())).onErrorComplete());
  }

  private RedisCredentials give(UsernamePassword current) {
    given = current;
    return RedisCredentials.just(
        current.hasUsername() ? current.username() : null, current.password());
  }
}
