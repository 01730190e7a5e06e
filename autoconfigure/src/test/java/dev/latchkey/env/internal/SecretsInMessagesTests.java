package dev.latchkey.env.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.latchkey.test.internal.RecordingSecretSource;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.validation.Validator;

/** Tests that a startup failure caused by a secret does not print it. */
@ExtendWith(OutputCaptureExtension.class)
class SecretsInMessagesTests {

  private static final String CANARY = "canary-5d1f${x}#{1+1}";

  private final RecordingSecretSource secrets =
      new RecordingSecretSource().with("secret/db", "password", CANARY);

  @Test
  void refusesSecretInPlaceholderName(CapturedOutput output) {
    Throwable failure = start(Empty.class, "${app.${app.secret}.x}");

    assertThat(output)
        .contains("    Property: app.text")
        .contains("    Reference: ${app.${app.secret}.x}")
        .contains("    Reason: A secret cannot be part of a property name");
    assertThat(everything(failure) + output).doesNotContain("canary");
  }

  @Test
  void refusesSecretInPlaceholderNameOfAnnotation(CapturedOutput output) {
    Throwable failure = start(NameInAnnotation.class, "");

    assertThat(output)
        .contains("    Used in: bean 'secretsInMessagesTests.NameInAnnotation'")
        .contains("A secret cannot be part of a property name");
    assertThat(everything(failure) + output).doesNotContain("canary");
  }

  @Test
  void doesNotShowSecretThatCannotBeConverted(CapturedOutput output) {
    Throwable failure = start(Number.class, "<${app.secret}>");

    assertThat(output)
        .contains("Failed to bind 'app.text': its secret cannot be converted to java.lang.Integer")
        .contains("    Property: app.text");
    assertThat(everything(failure) + output).doesNotContain("canary");
  }

  @Test
  void doesNotShowSecretThatCannotBeConvertedForAnAnnotation(CapturedOutput output) {
    for (Class<?> application : List.of(NumberInField.class, NumberInParameter.class)) {
      Throwable failure = start(application, "");

      assertThat(output)
          .contains("A secret cannot be converted to int")
          .contains("Correct the value of the secret, or use a type that can hold it.");
      assertThat(everything(failure) + output).doesNotContain("canary");
    }
  }

  @Test
  void doesNotShowSecretInAPropertyOfLatchkey(CapturedOutput output) {
    for (String property :
        List.of(
            "latchkey.enabled",
            "latchkey.keysets.orders.template",
            "latchkey.keysets.orders.rotation.period",
            "latchkey.refresh.interval")) {
      Throwable failure =
          catchThrowable(
              () ->
                  new LookupApplication(secrets, Empty.class)
                      .with("latchkey.keysets.orders.template", "AES256_GCM")
                      .with(property, "${vault@secret/db#password}")
                      .run());

      assertThat(failure)
          .hasStackTraceContaining("in property '%s'".formatted(property))
          .hasStackTraceContaining("A property of Latchkey itself cannot be a secret");
      assertThat(everything(failure) + output).doesNotContain("canary");
    }
  }

  @Test
  void saysThatARotatingSecretTakesAPath(CapturedOutput output) {
    Throwable failure =
        catchThrowable(
            () ->
                new LookupApplication(secrets, Empty.class)
                    .with("latchkey.secrets.db.reference", "${vault@secret/db#password}")
                    .run());

    assertThat(output)
        .contains("Write the path without ${ } and without a field: vault@database/creds/orders.");
    assertThat(everything(failure) + output).doesNotContain("canary");
  }

  @Test
  void doesNotShowSecretThatIsInvalid(CapturedOutput output) {
    Throwable failure = start(Validated.class, "${app.secret}");

    assertThat(output).contains("Failed to bind 'app.text': its secret violates @Weak");
    assertThat(everything(failure) + output).doesNotContain("canary");
  }

  @Test
  void doesNotShowSecretWhenPlaceholderCannotBeResolved(CapturedOutput output) {
    Throwable failure = start(Text.class, "${app.secret} ${not.there}");

    assertThat(everything(failure) + output).contains("not.there").doesNotContain("canary");
  }

  private Throwable start(Class<?> configuration, String text) {
    return catchThrowable(
        () ->
            new LookupApplication(secrets, configuration)
                .with("app.secret", "${vault@secret/db#password}")
                .with("app.text", text)
                .run()
                .close());
  }

  private static String everything(Throwable failure) {
    StringWriter trace = new StringWriter();
    failure.printStackTrace(new PrintWriter(trace));
    return trace.toString();
  }

  @Configuration(proxyBeanMethods = false)
  @EnableAutoConfiguration
  static class Empty {}

  @Configuration(proxyBeanMethods = false)
  @EnableAutoConfiguration
  static class NameInAnnotation {

    @Value("${app.${app.secret}.x}")
    String text = "";
  }

  @Configuration(proxyBeanMethods = false)
  @EnableAutoConfiguration
  static class Text {

    @Value("${app.text}")
    String text = "";
  }

  @Configuration(proxyBeanMethods = false)
  @EnableAutoConfiguration
  @EnableConfigurationProperties(NumberProperties.class)
  static class Number {}

  @Configuration(proxyBeanMethods = false)
  @EnableAutoConfiguration
  @EnableConfigurationProperties(TextProperties.class)
  static class Validated {

    @Bean
    static Validator configurationPropertiesValidator() {
      return Validator.forInstanceOf(
          TextProperties.class,
          (properties, errors) ->
              errors.rejectValue("text", "Weak", "'" + properties.text() + "' is weak"));
    }
  }

  @ConfigurationProperties("app")
  record TextProperties(String text) {}

  @ConfigurationProperties("app")
  record NumberProperties(Integer text) {}

  @Configuration(proxyBeanMethods = false)
  @EnableAutoConfiguration
  static class NumberInField {

    @Value("${vault@secret/db#password}")
    int number;
  }

  @Configuration(proxyBeanMethods = false)
  @EnableAutoConfiguration
  static class NumberInParameter {

    @Bean
    String text(@Value("${app.secret}") int number) {
      return String.valueOf(number);
    }
  }
}
