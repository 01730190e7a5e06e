package dev.latchkey.env.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.latchkey.LatchkeyException;
import dev.latchkey.test.internal.RecordingSecretSource;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.config.EmbeddedValueResolver;
import org.springframework.beans.factory.support.BeanDefinitionBuilder;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnExpression;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.support.GenericApplicationContext;

/** Tests that no part of a secret is evaluated as a SpEL expression. */
class ExpressionsTests {

  private final RecordingSecretSource secrets = new RecordingSecretSource();

  @ParameterizedTest
  @ValueSource(
      strings = {
        "1",
        "1+1",
        "'",
        "'+'",
        "}",
        "{",
        "#",
        "#{1}",
        "T(java.lang.Runtime)",
        "systemProperties"
      })
  void refusesSecretInExpression(String secret) {
    secrets.with("secret/db", "password", secret);
    try (ConfigurableApplicationContext context = run(AutoConfigured.class)) {
      EmbeddedValueResolver value = new EmbeddedValueResolver(context.getBeanFactory());

      Throwable quoted = catchThrowable(() -> value.resolveStringValue("#{'${app.secret}'}"));
      Throwable bare = catchThrowable(() -> value.resolveStringValue("x #{${app.secret}} y"));

      assertThat(quoted)
          .isInstanceOf(LatchkeyException.class)
          .hasMessage(
              "A placeholder in the SpEL expression of '#{'${app.secret}'}' resolves to a secret");
      assertThat(bare).isInstanceOf(LatchkeyException.class);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"true", "1", "yes"})
  void evaluatesAnUnrelatedConditionThatLooksLikeASecret(String secret) {
    secrets.with("secret/db", "password", secret);
    LookupApplication application =
        new LookupApplication(secrets, Unrelated.class)
            .with("spring.main.lazy-initialization", "${vault@secret/db#password}")
            .with("app.secret", "${vault@secret/db#password}");

    try (ConfigurableApplicationContext context = application.run()) {
      assertThat(context.getBeanNamesForType(Unrelated.class)).hasSize(1);
    }
  }

  @Test
  void neverEvaluatesRandomSecretInExpression() {
    Random random = new Random(20260103);
    for (int i = 0; i < 500; i++) {
      secrets.with("secret/db", "f" + i, RandomTexts.next(random));
    }
    try (ConfigurableApplicationContext context = run(AutoConfigured.class)) {
      EmbeddedValueResolver value = new EmbeddedValueResolver(context.getBeanFactory());
      for (int i = 0; i < 500; i++) {
        String text = context.getEnvironment().getRequiredProperty("vault@secret/db#f" + i);
        String expression = "#{'${vault@secret/db#f" + i + "}'}";
        if (text.isEmpty()) {
          assertThat(value.resolveStringValue(expression)).isEmpty();
        } else {
          assertThatException()
              .as("Secret %s", text)
              .isThrownBy(() -> value.resolveStringValue(expression))
              .isInstanceOf(LatchkeyException.class);
        }
      }
    }
  }

  @Test
  void evaluatesExpressionsWithoutSecrets() {
    secrets.with("secret/db", "password", "postgres");
    try (ConfigurableApplicationContext context = run(AutoConfigured.class)) {
      context.getEnvironment().getProperty("app.secret");
      EmbeddedValueResolver value = new EmbeddedValueResolver(context.getBeanFactory());

      assertThat(value.resolveStringValue("#{'jdbc:postgresql:' + (1 + 1)}"))
          .isEqualTo("jdbc:postgresql:2");
      assertThat(value.resolveStringValue("${app.secret} #{null}#{1 + 1}")).isEqualTo("postgres 2");
    }
  }

  @Test
  void evaluatesNothingWhenTextIsTrimmed() {
    secrets.with("secret/db", "password", "  #{1+1}  ");
    try (ConfigurableApplicationContext context = run(Trimming.class)) {
      EmbeddedValueResolver value = new EmbeddedValueResolver(context.getBeanFactory());

      assertThat(value.resolveStringValue("${app.secret}")).isEqualTo("#{1+1}");
    }
  }

  @Test
  void evaluatesNothingWhenSecretIsInBeanDefinition() {
    secrets.with("secret/db", "password", "{1+1}");
    try (ConfigurableApplicationContext context = runWithDefinition("#${app.secret}")) {
      assertThat(context.getBean(Holder.class).text).isEqualTo("#{1+1}");
    }
  }

  @Test
  void refusesSecretInExpressionOfBeanDefinition() {
    secrets.with("secret/db", "password", "'+T(java.lang.Runtime)+'");

    assertThatException()
        .isThrownBy(() -> runWithDefinition("#{'${app.secret}'}"))
        .havingRootCause()
        .isInstanceOf(LatchkeyException.class)
        .withMessage("A placeholder in a SpEL expression resolves to a secret");
  }

  private ConfigurableApplicationContext runWithDefinition(String text) {
    LookupApplication application =
        new LookupApplication(secrets, AutoConfigured.class)
            .with("app.secret", "${vault@secret/db#password}");
    application
        .application()
        .addInitializers(
            (ApplicationContextInitializer<GenericApplicationContext>)
                context ->
                    context.registerBeanDefinition(
                        "holder",
                        BeanDefinitionBuilder.rootBeanDefinition(Holder.class)
                            .addPropertyValue("text", text)
                            .getBeanDefinition()));
    return application.run();
  }

  @Test
  void refusesSecretInConditionalExpression() {
    secrets.with("secret/db", "password", "true");

    assertThatException()
        .isThrownBy(() -> run(Conditional.class))
        .havingRootCause()
        .isInstanceOf(LatchkeyException.class)
        .withMessage("A placeholder in a SpEL expression resolves to a secret");
  }

  @Test
  void resolvesValuesWithoutAutoConfiguration() {
    secrets.with("secret/db", "password", "#{1+1}");
    try (ConfigurableApplicationContext context = run(Plain.class)) {
      EmbeddedValueResolver value = new EmbeddedValueResolver(context.getBeanFactory());

      assertThat(value.resolveStringValue("${app.secret} ${missing}"))
          .isEqualTo("#{1+1} ${missing}");
    }
  }

  private ConfigurableApplicationContext run(Class<?> configuration) {
    return new LookupApplication(secrets, configuration)
        .with("app.secret", "${vault@secret/db#password:}")
        .run();
  }

  @Configuration(proxyBeanMethods = false)
  @EnableAutoConfiguration
  static class AutoConfigured {}

  @Configuration(proxyBeanMethods = false)
  static class Plain {}

  @Configuration(proxyBeanMethods = false)
  static class Trimming {

    @Bean
    static org.springframework.context.support.PropertySourcesPlaceholderConfigurer placeholders() {
      var configurer =
          new org.springframework.context.support.PropertySourcesPlaceholderConfigurer();
      configurer.setTrimValues(true);
      return configurer;
    }
  }

  @Configuration(proxyBeanMethods = false)
  @EnableAutoConfiguration
  @ConditionalOnExpression("${app.secret}")
  static class Conditional {}

  @Configuration(proxyBeanMethods = false)
  @EnableAutoConfiguration
  @ConditionalOnExpression(
      "${odd.flag:true} and ${odd.number:1} == 1 and '${odd.text:yes}' == 'yes'")
  static class Unrelated {}

  static class Holder {

    String text = "";

    public void setText(String text) {
      this.text = text;
    }
  }
}
