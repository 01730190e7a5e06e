package dev.latchkey.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.LatchkeyException;
import dev.latchkey.autoconfigure.key.KeysetAutoConfiguration;
import dev.latchkey.autoconfigure.secret.RotatingSecretAutoConfiguration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

/** No client is on the class path here. */
class ClientLibrariesTests {

  private final ApplicationContextRunner runner =
      new ApplicationContextRunner()
          .withConfiguration(
              AutoConfigurations.of(
                  KeysetAutoConfiguration.class, RotatingSecretAutoConfiguration.class))
          .withPropertyValues("latchkey.store.type=memory");

  @ParameterizedTest
  @CsvSource({
    "latchkey.redis.secret, Lettuce, spring-boot-starter-data-redis",
    "latchkey.kafka.secret, Spring for Apache Kafka, spring-boot-starter-kafka",
    "latchkey.rabbitmq.secret, Spring AMQP, spring-boot-starter-amqp"
  })
  void refusesASecretForAClientThatIsNotThere(String property, String library, String starter) {
    runner
        .withPropertyValues(property + "=login")
        .run(
            context ->
                assertThat(context)
                    .getFailure()
                    .isInstanceOf(LatchkeyException.class)
                    .hasMessage(
                        property
                            + "=login: nothing takes it, since "
                            + library
                            + " or Spring Boot's module for it is not on the class path")
                    .satisfies(
                        ex ->
                            assertThat(((LatchkeyException) ex).action())
                                .isEqualTo(
                                    "Add org.springframework.boot:"
                                        + starter
                                        + " with all that it brings, or set "
                                        + property
                                        + " to nothing.")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"latchkey.redis.secret=", "latchkey.kafka.secret=false"})
  void startsWhereThePropertyNamesNoSecret(String property) {
    runner.withPropertyValues(property).run(context -> assertThat(context).hasNotFailed());
  }

  @Test
  void startsWhereLatchkeyIsSwitchedOff() {
    runner
        .withPropertyValues("latchkey.redis.secret=login", "latchkey.enabled=false")
        .run(context -> assertThat(context).hasNotFailed());
  }
}
