package dev.latchkey.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.LatchkeyException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Configuration;

class ConditionalOnSecretTests {

  private final ApplicationContextRunner runner =
      new ApplicationContextRunner().withUserConfiguration(Client.class);

  @Test
  void matchesWhenThePropertyNamesASecret() {
    runner
        .withPropertyValues("latchkey.client.secret=broker")
        .run(context -> assertThat(context).hasSingleBean(Client.class));
  }

  @Test
  void doesNotMatchWhenThePropertyIsNotSet() {
    runner.run(context -> assertThat(context).doesNotHaveBean(Client.class));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "false"})
  void doesNotMatchWhenThePropertyNamesNoSecret(String secret) {
    runner
        .withPropertyValues("latchkey.client.secret=" + secret)
        .run(context -> assertThat(context).doesNotHaveBean(Client.class));
  }

  @Test
  void failsWhenTheLibraryIsMissing() {
    runner
        .withClassLoader(new FilteredClassLoader("org.assertj.core.api"))
        .withPropertyValues("latchkey.client.secret=broker")
        .run(
            context ->
                assertThat(context)
                    .getFailure()
                    .isInstanceOf(LatchkeyException.class)
                    .hasMessage(
                        "latchkey.client.secret=broker: no client uses it, since the class"
                            + " Assertions is missing")
                    .satisfies(
                        ex ->
                            assertThat(((LatchkeyException) ex).action())
                                .isEqualTo(
                                    "Add org.assertj:assertj-core, or remove"
                                        + " latchkey.client.secret.")));
  }

  @Test
  void doesNotMatchWhenTheLibraryIsMissingAndThePropertyIsNotSet() {
    runner
        .withClassLoader(new FilteredClassLoader("org.assertj.core.api"))
        .run(context -> assertThat(context).doesNotHaveBean(Client.class));
  }

  @Configuration(proxyBeanMethods = false)
  @ConditionalOnSecret(
      value = "latchkey.client.secret",
      library = "org.assertj.core.api.Assertions",
      starter = "org.assertj:assertj-core")
  static class Client {}
}
