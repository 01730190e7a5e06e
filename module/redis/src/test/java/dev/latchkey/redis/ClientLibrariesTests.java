package dev.latchkey.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.LatchkeyException;
import dev.latchkey.autoconfigure.key.KeysetAutoConfiguration;
import dev.latchkey.autoconfigure.secret.RotatingSecretAutoConfiguration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

/** Lettuce is on the class path here. */
class ClientLibrariesTests {

  private final ApplicationContextRunner runner =
      new ApplicationContextRunner()
          .withConfiguration(
              AutoConfigurations.of(
                  KeysetAutoConfiguration.class, RotatingSecretAutoConfiguration.class))
          .withPropertyValues("latchkey.store.type=memory", "latchkey.redis.secret=login");

  @Test
  void findsTheLibrary() {
    runner.run(context -> assertThat(context).hasNotFailed());
  }

  @ParameterizedTest
  @ValueSource(strings = {"io.lettuce", "org.springframework.boot.data.redis"})
  void missesEitherPartOfAClient(String hidden) {
    runner
        .withClassLoader(new FilteredClassLoader(hidden))
        .run(
            context ->
                assertThat(context)
                    .getFailure()
                    .isInstanceOf(LatchkeyException.class)
                    .hasMessageStartingWith("latchkey.redis.secret=login: nothing takes it"));
  }
}
