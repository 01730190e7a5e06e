package dev.latchkey.env.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.test.internal.RecordingSecretSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.beans.factory.config.EmbeddedValueResolver;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;

/**
 * Tests that Spring resolves, binds and injects secrets unchanged, whatever they contain. {@code
 * -Dlatchkey.texts.thousands=} sets the number of random secrets in thousands; the profile {@code
 * thorough} sets it to 120.
 */
class SecretsAsDataTests {

  private static final int THOUSANDS = Integer.getInteger("latchkey.texts.thousands", 12);

  static Stream<String> texts() {
    return Stream.of(
        "",
        "plain",
        "${x}",
        "\\${x}",
        "\\\\${x}",
        "${",
        "${x:y}",
        "${vault@secret/other#x}",
        "#{1+1}",
        "{1+1}",
        "{1+1}#",
        "#",
        "{",
        "#{",
        "#{T(java.lang.Runtime).getRuntime().exit(7)}",
        "a:b}c",
        "$${x}",
        "trailing backslash\\",
        " spaces ",
        "p\u00e4ssw\u00f6rd \ud83d\udd11 \u0000 \u2028",
        "line\nline\r\n",
        "'#{'",
        "$".repeat(1 << 16),
        "#{".repeat(1 << 10),
        "${a}#{b}".repeat(1 << 13));
  }

  @Test
  void arrivesUnchanged() {
    arriveUnchanged(texts().toList());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "${x}", "\\${x}", "#{1+1}", "{1+1}", "${vault@secret/other#x}"})
  void isInjectedUnchanged(String secret) {
    RecordingSecretSource secrets =
        new RecordingSecretSource().with("secret/db", "password", secret);
    try (ConfigurableApplicationContext context =
        new LookupApplication(secrets, Injected.class)
            .with("app.secret", "${vault@secret/db#password}")
            .with("app.text", "before ${app.secret} after")
            .run()) {
      assertThat(context.getEnvironment().getProperty("app.secret")).isEqualTo(secret);
      assertThat(context.getEnvironment().getProperty("app.text"))
          .isEqualTo("before " + secret + " after");
      assertThat(context.getEnvironment().resolvePlaceholders("<${app.secret}>"))
          .isEqualTo("<" + secret + ">");
      Binder binder = Binder.get(context.getEnvironment());
      assertThat(binder.bind("app.secret", String.class).get()).isEqualTo(secret);
      assertThat(binder.bind("app.text", String.class).get())
          .isEqualTo("before " + secret + " after");
      AppProperties properties = context.getBean(AppProperties.class);
      assertThat(properties.secret()).isEqualTo(secret);
      assertThat(properties.text()).isEqualTo("before " + secret + " after");
      Values values = context.getBean(Values.class);
      assertThat(values.property).isEqualTo(secret);
      assertThat(values.reference).isEqualTo(secret);
      assertThat(values.nested).isEqualTo("before " + secret + " after");
      assertThat(values.afterHash).isEqualTo("#" + secret);
      assertThat(values.beforeBrace).isEqualTo(secret + "{1+1}");
      assertThat(values.besideExpression).isEqualTo("one: " + secret);
      assertThat(values.asValue).isEqualTo(secret);
    }
  }

  @Test
  void arrivesUnchangedForRandomSecrets() {
    Random random = new Random(20260102);
    for (int left = THOUSANDS * 1_000; left > 0; left -= 3_000) {
      List<String> texts = new ArrayList<>();
      for (int i = 0; i < Math.min(left, 3_000); i++) {
        texts.add(RandomTexts.next(random));
      }
      arriveUnchanged(texts);
    }
  }

  private static void arriveUnchanged(List<String> texts) {
    RecordingSecretSource secrets = new RecordingSecretSource();
    LookupApplication application = new LookupApplication(secrets, RandomConfiguration.class);
    Map<String, Object> fields = new HashMap<>();
    for (int i = 0; i < texts.size(); i++) {
      fields.put("f" + i, texts.get(i));
      application.with("random.values.f" + i, "${vault@secret/random#f" + i + "}");
      application.with("random.texts.f" + i, "a${random.values.f" + i + "}1");
    }
    secrets.write("secret/random", fields, 0);
    try (ConfigurableApplicationContext context = application.run()) {
      RandomProperties properties = context.getBean(RandomProperties.class);
      Binder binder = Binder.get(context.getEnvironment());
      EmbeddedValueResolver value = new EmbeddedValueResolver(context.getBeanFactory());
      for (int i = 0; i < texts.size(); i++) {
        String text = texts.get(i);
        String name = "random.values.f" + i;
        String nested = "random.texts.f" + i;
        assertThat(context.getEnvironment().getProperty(name)).isEqualTo(text);
        assertThat(context.getEnvironment().getProperty(nested)).isEqualTo("a" + text + "1");
        assertThat(binder.bind(name, String.class).get()).isEqualTo(text);
        assertThat(binder.bind(nested, String.class).get()).isEqualTo("a" + text + "1");
        assertThat(value.resolveStringValue("${" + name + "}")).isEqualTo(text);
        assertThat(value.resolveStringValue("#${" + name + "}")).isEqualTo("#" + text);
        assertThat(value.resolveStringValue("${" + name + "}{1}")).isEqualTo(text + "{1}");
        assertThat(value.resolveStringValue("${" + nested + "}")).isEqualTo("a" + text + "1");
        assertThat(value.resolveStringValue("#{'one'}${" + name + "}")).isEqualTo("one" + text);
        assertThat(value.resolveStringValue("${vault@secret/random#f" + i + "}")).isEqualTo(text);
        assertThat(value.resolveStringValue("#{environment['" + name + "']}")).isEqualTo(text);
        assertThat(context.getEnvironment().resolvePlaceholders("<${" + name + "}>"))
            .isEqualTo("<" + text + ">");
        assertThat(properties.values().get("f" + i)).isEqualTo(text);
        assertThat(properties.texts().get("f" + i)).isEqualTo("a" + text + "1");
      }
    }
  }

  @ConfigurationProperties("app")
  record AppProperties(String secret, String text) {}

  @Configuration(proxyBeanMethods = false)
  @EnableAutoConfiguration
  @EnableConfigurationProperties(AppProperties.class)
  @Import(Values.class)
  static class Injected {}

  static class Values {

    @Value("${app.secret}")
    String property;

    @Value("${vault@secret/db#password}")
    String reference;

    @Value("before ${app.secret} after")
    String nested;

    @Value("#${app.secret}")
    String afterHash;

    @Value("${app.secret}{1+1}")
    String beforeBrace;

    @Value("#{'one'}: ${app.secret}")
    String besideExpression;

    @Value("#{environment['app.secret']}")
    String asValue;
  }

  @ConfigurationProperties("random")
  record RandomProperties(Map<String, String> values, Map<String, String> texts) {}

  @Configuration(proxyBeanMethods = false)
  @EnableAutoConfiguration
  @EnableConfigurationProperties(RandomProperties.class)
  static class RandomConfiguration {}
}
