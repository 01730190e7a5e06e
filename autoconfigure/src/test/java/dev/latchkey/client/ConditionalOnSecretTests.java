package dev.latchkey.client;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Configuration;

class ConditionalOnSecretTests {

  private final ApplicationContextRunner runner =
      new ApplicationContextRunner().withUserConfiguration(Client.class);

  @Test
  void matchesWhereTheSecretIsNamed() {
    runner
        .withPropertyValues("latchkey.client.secret=broker")
        .run(context -> assertThat(context).hasSingleBean(Client.class));
  }

  @Test
  void matchesNotWhereThePropertyIsNotSet() {
    runner.run(context -> assertThat(context).doesNotHaveBean(Client.class));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "false"})
  void matchesNotWhereThePropertyNamesNone(String secret) {
    runner
        .withPropertyValues("latchkey.client.secret=" + secret)
        .run(context -> assertThat(context).doesNotHaveBean(Client.class));
  }

  @Configuration(proxyBeanMethods = false)
  @ConditionalOnSecret("latchkey.client.secret")
  static class Client {}
}
