package dev.latchkey.env.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;
import static org.awaitility.Awaitility.await;

import dev.latchkey.LatchkeyException;
import dev.latchkey.StoreUnavailableException;
import dev.latchkey.env.internal.text.SecretLookupException;
import dev.latchkey.test.internal.RecordingSecretSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.commons.logging.LogFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.beans.factory.support.BeanDefinitionRegistryPostProcessor;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.cloud.context.environment.EnvironmentChangeEvent;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.PropertySource;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.context.support.PropertySourcesPlaceholderConfigurer;
import org.springframework.core.NestedExceptionUtils;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

class LookupsTests {

  private final RecordingSecretSource secrets =
      new RecordingSecretSource().with("secret/db", "password", "pw");

  @Test
  void readsEachPathOnceInParallelBeforeBeansAreCreated() {
    CyclicBarrier together = new CyclicBarrier(3);
    secrets.with("secret/db", "user", "app").with("secret/a", "x", "a").with("secret/b", "x", "b");
    secrets.beforeRead(
        path -> {
          try {
            together.await(10, TimeUnit.SECONDS);
          } catch (Exception ex) {
            throw new IllegalStateException("The reads did not meet", ex);
          }
        });
    LookupApplication application =
        application()
            .with("user", "${vault@secret/db#user}")
            .with("password", "${vault@secret/db#password}")
            .with("a", "${vault@secret/a#x}")
            .with("b", "x ${vault@secret/b#x} y");

    try (ConfigurableApplicationContext context = application.run()) {
      assertThat(secrets.reads()).containsExactlyInAnyOrder("secret/db", "secret/a", "secret/b");
      assertThat(context.getEnvironment().getProperty("b")).isEqualTo("x b y");
      assertThat(secrets.reads()).hasSize(3);
    }
  }

  @Test
  void startsReadingWhileBeanDefinitionsAreRead() {
    LookupApplication application = application().with("app.secret", "${vault@secret/db#password}");
    application
        .application()
        .addInitializers(
            context ->
                ((GenericApplicationContext) context)
                    .registerBean(
                        "waits",
                        BeanDefinitionRegistryPostProcessor.class,
                        () -> registry -> await().until(() -> secrets.reads().size() == 1)));

    try (ConfigurableApplicationContext context = application.run()) {
      assertThat(context.getEnvironment().getProperty("app.secret")).isEqualTo("pw");
      assertThat(secrets.reads()).containsExactly("secret/db");
    }
  }

  @Test
  void resolvesReferencesInEveryPropertySource() {
    LookupApplication application =
        application()
            .with(
                new SystemEnvironmentPropertySource(
                    "test-systemEnvironment",
                    Map.of("APP_VARIABLE", "${vault@secret/db#password}")))
            .with("app.mount", "secret")
            .with("app.assembled", "${vault@${app.mount}/db#password}")
            .with("app.defaulted", "${not.there:${vault@secret/db#password}}");

    try (ConfigurableApplicationContext context =
        application.run("--app.argument=${vault@secret/db#password}")) {
      assertThat(context.getEnvironment().getProperty("app.variable")).isEqualTo("pw");
      assertThat(context.getEnvironment().getProperty("app.argument")).isEqualTo("pw");
      assertThat(context.getEnvironment().getProperty("app.assembled")).isEqualTo("pw");
      assertThat(context.getEnvironment().getProperty("app.defaulted")).isEqualTo("pw");
      assertThat(secrets.reads()).containsExactly("secret/db");
    }
  }

  @Test
  void readsReferenceEarlyWhenLoggingNeedsIt() {
    secrets.with("secret/logging", "level", "warn");
    LookupApplication application =
        application()
            .with("logging.level.dev.latchkey.early", "${vault@secret/logging#level}")
            .with("app.secret", "${vault@secret/db#password}");

    try (ConfigurableApplicationContext context = application.run()) {
      assertThat(LogFactory.getLog("dev.latchkey.early").isInfoEnabled()).isFalse();
      assertThat(LogFactory.getLog("dev.latchkey.early").isWarnEnabled()).isTrue();
      assertThat(secrets.reads()).containsExactly("secret/logging", "secret/db");
    }
  }

  @Test
  void readsReferenceEarlyWhenApplicationNeedsIt() {
    secrets.with("secret/main", "lazy", true);

    try (ConfigurableApplicationContext context =
        application().with("spring.main.lazy-initialization", "${vault@secret/main#lazy}").run()) {
      assertThat(
              context.getBeanFactory().getBeanDefinition("lookupsTests.Application").isLazyInit())
          .isTrue();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "vault@secret/db#password",
        "vault@secret/db?version=3#password",
        "vault@secret/db?generate=32#password"
      })
  void doesNotReadReferenceWhenOverridden(String reference) {
    LookupApplication application =
        application()
            .with("vault@secret/db#password", "test ${app.other}")
            .with("app.other", "value")
            .with("app.secret", "${" + reference + "}");

    try (ConfigurableApplicationContext context = application.run()) {
      assertThat(context.getEnvironment().getProperty("app.secret")).isEqualTo("test value");
      assertThat(secrets.reads()).isEmpty();
      assertThat(secrets.writes()).isEmpty();
    }
  }

  @Test
  void doesNotReadReferenceWhenDefaultPropertyOverridesIt() {
    LookupApplication application = application().with("app.secret", "${vault@secret/no#x}");
    application.application().setDefaultProperties(Map.of("vault@secret/no#x", "default"));

    try (ConfigurableApplicationContext context = application.run()) {
      assertThat(context.getEnvironment().getProperty("app.secret")).isEqualTo("default");
      assertThat(secrets.reads()).isEmpty();
    }
  }

  @Test
  void doesNotReadReferenceWhenItsPropertyIsOverridden() {
    try (ConfigurableApplicationContext context =
        application()
            .with(
                new MapPropertySource("up", Map.of("APP_SECRET", "unused", "app.secret", "local")))
            .with("app.secret", "${vault@secret/no#x}")
            .with("app.other", "${app.secret:${vault@secret/no#y}}")
            .run()) {
      assertThat(context.getEnvironment().getProperty("app.secret")).isEqualTo("local");
      assertThat(secrets.reads()).isEmpty();
    }
  }

  @Test
  void resolvesReferencesInAnnotatedPropertySources() {
    try (ConfigurableApplicationContext context =
        new LookupApplication(secrets, Annotated.class).run()) {
      assertThat(context.getEnvironment().getProperty("annotated.secret")).isEqualTo("pw");
      assertThat(context.getEnvironment().getPropertySources().stream().reduce((a, b) -> b))
          .get()
          .isInstanceOf(ReferencePropertySource.class);
    }
  }

  @Test
  void fallsBackWhenSecretIsAbsent() {
    LookupApplication application =
        application()
            .with("app.other", "other")
            .with("app.path", "${vault@secret/no#x:fallback}")
            .with("app.field", "${vault@secret/db#no:fall:back}")
            .with("app.empty", "${vault@secret/no#e:}")
            .with("app.nested", "${vault@secret/no#y:<${app.other}>}")
            .with("app.chained", "${vault@secret/no#z:${vault@secret/db#password}}");

    try (ConfigurableApplicationContext context = application.run()) {
      Binder binder = Binder.get(context.getEnvironment());
      Map.of(
              "app.path", "fallback",
              "app.field", "fall:back",
              "app.empty", "",
              "app.nested", "<other>",
              "app.chained", "pw")
          .forEach(
              (name, value) -> {
                assertThat(context.getEnvironment().getProperty(name)).isEqualTo(value);
                assertThat(binder.bind(name, String.class).get()).isEqualTo(value);
              });
      assertThat(context.getEnvironment().resolvePlaceholders("${vault@secret/no#q:code}"))
          .isEqualTo("code");
    }
  }

  @Test
  void fallsBackInValueAnnotation() {
    try (ConfigurableApplicationContext context =
        new LookupApplication(secrets, WithFallback.class).with("app.other", "other").run()) {
      WithFallback bean = context.getBean(WithFallback.class);
      assertThat(bean.simple).isEqualTo("fallback");
      assertThat(bean.nested).isEqualTo("other");
    }
  }

  @Test
  void prefersSecretOverFallback() {
    try (ConfigurableApplicationContext context =
        application().with("app.secret", "${vault@secret/db#password:fallback}").run()) {
      assertThat(context.getEnvironment().getProperty("app.secret")).isEqualTo("pw");
    }
  }

  @Test
  void doesNotFallBackWhenStoreIsUnavailable() {
    secrets.failing("secret/db", new StoreUnavailableException("It is sealed", "Unseal it."));

    assertThatExceptionOfType(SecretLookupException.class)
        .isThrownBy(
            () -> application().with("app.secret", "${vault@secret/db#password:fallback}").run())
        .withMessageContaining("It is sealed");
  }

  @Test
  void doesNotFallBackWhenSameReferenceHasNoFallback() {
    assertThatExceptionOfType(SecretLookupException.class)
        .isThrownBy(
            () ->
                application()
                    .with("app.a", "${vault@secret/no#x:fallback}")
                    .with("app.b", "${vault@secret/no#x}")
                    .run())
        .satisfies(
            failure ->
                assertThat(failure.failures())
                    .singleElement()
                    .satisfies(each -> assertThat(each.property()).isEqualTo("app.b")));
  }

  @Test
  void generatesSecretOnFirstStartupOnly() {
    String property = "${vault@secret/new?generate=24#password}";
    String first;
    try (ConfigurableApplicationContext context =
        application().with("app.secret", property).run()) {
      first = context.getEnvironment().getProperty("app.secret");
    }
    try (ConfigurableApplicationContext context =
        application().with("app.secret", property).run()) {
      assertThat(context.getEnvironment().getProperty("app.secret")).isEqualTo(first).hasSize(24);
    }
    assertThat(secrets.writes()).containsExactly("secret/new");
  }

  @Test
  void namesEveryReferenceThatCannotBeResolved() {
    assertThatExceptionOfType(SecretLookupException.class)
        .isThrownBy(
            () ->
                application()
                    .with("app.path", "${vault@secret/no#x}")
                    .with("app.field", "${vault@secret/db#pasword}")
                    .with("app.typo", "${vault@secret/db!password}")
                    .with("app.good", "${vault@secret/db#password}")
                    .run())
        .satisfies(
            failure ->
                assertThat(failure.failures())
                    .extracting(SecretLookupException.Failure::property)
                    .containsExactlyInAnyOrder("app.path", "app.field", "app.typo"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "vault@secret/no#x",
        "vault@secret/a\\:b#x",
        "vault@secret",
        "vault@",
        "vault@a/b"
      })
  void neverResolvesToTextOfReference(String reference) {
    try (ConfigurableApplicationContext context = application().run()) {
      context
          .getEnvironment()
          .getPropertySources()
          .addFirst(new MapPropertySource("late", Map.of("app.late", "${" + reference + "}")));
      Binder binder = Binder.get(context.getEnvironment());

      assertThatException().isThrownBy(() -> binder.bind("app.late", String.class));
      assertThatException()
          .isThrownBy(() -> context.getEnvironment().resolvePlaceholders("${" + reference + "}"));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "valt@secret/db#password",
        "Vault@secret/db#password",
        "vault:secret/db#password",
        "vault:secret/db?version=3#password",
        "latchkey:secret/db#password",
        "vault:/secret/db#password",
        "vault://secret/db#password"
      })
  void refusesMistypedReference(String mistyped) {
    for (String use : List.of("${%s}", "${%s:fallback}", "${none:${%s}}")) {
      assertThatExceptionOfType(SecretLookupException.class)
          .isThrownBy(() -> application().with("app.password", use.formatted(mistyped)).run())
          .withMessageContaining("'app.password'")
          .withMessageContaining("'%s' does not start with 'vault@'", mistyped);
    }
    assertThat(secrets.reads()).isEmpty();
  }

  static Stream<Arguments> nearReferences() {
    return Stream.of(
        Arguments.of(
            "vault@secret/db#password",
            "It is not inside ${}",
            "Write it as ${vault@secret/db#password}."),
        Arguments.of("{vault@secret/db#password}", "It is not inside ${}", "Write it as ${vault@"),
        Arguments.of("$vault@secret/db#password", "It is not inside ${}", "Write it as ${vault@"),
        Arguments.of("${vault@secret/db#password", "no closing brace", "Add the brace."),
        Arguments.of("x ${vault@secret/db", "no closing brace", "'#' after a space begins"),
        Arguments.of("${ vault@secret/db#password}", "A space precedes", "Remove the space."),
        Arguments.of("${none:${ vault@secret/db#password}}", "A space precedes", "Remove the"),
        Arguments.of(
            "CORP\\${vault@secret/db#password}",
            "The backslash before it makes it plain text",
            "write ${app.domain}${vault@"));
  }

  @ParameterizedTest
  @MethodSource("nearReferences")
  void refusesWhatIsNearlyAReference(String text, String reason, String action) {
    assertThatExceptionOfType(SecretLookupException.class)
        .isThrownBy(() -> application().with("app.password", text).run())
        .withMessageContaining("in property 'app.password'")
        .withMessageContaining(reason)
        .satisfies(refusal -> assertThat(refusal.action()).contains(action));
    assertThat(secrets.reads()).isEmpty();
  }

  @Test
  void refusesReferenceInAFileOfAConfigurationTree(@TempDir Path tree) throws IOException {
    Files.writeString(tree.resolve("app.password"), "${vault@secret/db#password}\n");

    assertThatExceptionOfType(SecretLookupException.class)
        .isThrownBy(() -> application().run("--spring.config.import=configtree:" + tree + "/"))
        .withMessageContaining("in property 'app.password'")
        .withMessageContaining(
            "does not resolve placeholders in the files of a configuration tree");
  }

  @Test
  void keepsTextsThatOnlyMentionReferences() {
    try (ConfigurableApplicationContext context =
        application()
            .with("app.help", "Write ${app.x:vault@mount} or mail vault@example.org")
            .run()) {
      assertThat(context.getEnvironment().getProperty("app.help"))
          .isEqualTo("Write vault@mount or mail vault@example.org");
    }
  }

  @Test
  void resolvesReferenceAfterABackslashInAPropertyOfItsOwn() {
    try (ConfigurableApplicationContext context =
        application()
            .with("app.domain", "CORP\\")
            .with("app.user", "${app.domain}${vault@secret/db#password}")
            .run()) {
      assertThat(context.getEnvironment().getProperty("app.user")).isEqualTo("CORP\\pw");
    }
  }

  @Test
  void doesNotReadReferencesInTheElementsOfAReplacedList() {
    Map<String, Object> profile = Map.of("app.list[0]", "plain", "app.objects[0].name", "plain");
    try (ConfigurableApplicationContext context =
        application()
            .with("app.list[0]", "one")
            .with("app.list[1]", "${vault@secret/none#password}")
            .with("app.objects[1].name", "${vault@secret/none#password}")
            .with("app.text", "${vault@secret/db#password}")
            .with(new MapPropertySource("profile", profile))
            .run()) {
      assertThat(secrets.reads()).containsExactly("secret/db");
      assertThat(
              Binder.get(context.getEnvironment())
                  .bind("app.list", Bindable.listOf(String.class))
                  .get())
          .containsExactly("plain");
    }
  }

  @Test
  void ignoresTextThatResemblesReference() {
    try (ConfigurableApplicationContext context =
        application()
            .with("team@secret/db#password", "answered")
            .with("app.answered", "${team@secret/db#password}")
            .with("app.address", "${host:ldap://me@example.org/db#x}")
            .run()) {
      assertThat(context.getEnvironment().getProperty("app.answered")).isEqualTo("answered");
      assertThat(context.getEnvironment().getProperty("app.address"))
          .isEqualTo("ldap://me@example.org/db#x");
    }
  }

  @Test
  void countsReferenceOnCommandLineOnce() {
    String command = System.getProperty("sun.java.command");
    System.setProperty("sun.java.command", "app.jar --app.password=${vault@secret/none#x}");
    try {
      assertThatExceptionOfType(SecretLookupException.class)
          .isThrownBy(() -> application().run("--app.password=${vault@secret/none#x}"))
          .satisfies(failure -> assertThat(failure.failures()).hasSize(1));
    } finally {
      System.setProperty("sun.java.command", command);
    }
  }

  @Test
  void refusesReferenceWhenDisabled() {
    LookupApplication application =
        application()
            .with("latchkey.enabled", "false")
            .with("app.secret", "${vault@secret/db#password:fallback}")
            .with("app.own", "${vault@secret/db#user}")
            .with("vault@secret/db#user", "mine");

    try (ConfigurableApplicationContext context = application.run()) {
      assertThat(context.getEnvironment().getProperty("app.own")).isEqualTo("mine");
      assertThatExceptionOfType(LatchkeyException.class)
          .isThrownBy(() -> context.getEnvironment().getProperty("app.secret"))
          .withMessageContaining("latchkey.enabled=false");
      assertThat(secrets.reads()).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"spring.config.import", "spring.profiles.active", "spring.profiles.include"})
  void refusesReferenceBeforeConfigurationIsKnown(String property) {
    assertThatException()
        .isThrownBy(() -> application().with(property, "${vault@secret/db#password}").run())
        .extracting(NestedExceptionUtils::getMostSpecificCause)
        .isInstanceOf(LatchkeyException.class)
        .extracting(Throwable::getMessage, STRING)
        .contains("is requested before configuration files and profiles are known");
    assertThat(secrets.reads()).isEmpty();
  }

  @Test
  void readsAndWritesNothingDuringAheadOfTimeProcessing() {
    System.setProperty("spring.aot.processing", "true");
    try (ConfigurableApplicationContext context =
        application()
            .with("app.secret", "${vault@secret/new?generate=32#password}")
            .with("app.fallback", "${vault@secret/no#x:fallback}")
            .run()) {
      assertThat(context.getEnvironment().getProperty("app.secret"))
          .isEqualTo("${vault@secret/new?generate=32#password}");
      assertThat(context.getEnvironment().getProperty("app.fallback"))
          .isEqualTo("${vault@secret/no#x:fallback}");
      assertThat(secrets.reads()).isEmpty();
      assertThat(secrets.writes()).isEmpty();
    } finally {
      System.clearProperty("spring.aot.processing");
    }
  }

  @Test
  void keepsValuesWhenSpringCloudReplacesPropertySources() {
    RecordingSecretSource others = new RecordingSecretSource().with("secret/db", "password", "new");
    try (ConfigurableApplicationContext context =
        application().with("app.secret", "${vault@secret/db#password}").run()) {
      PropertyLookups elsewhere = new PropertyLookups(new StandardEnvironment(), () -> others);
      context
          .getEnvironment()
          .getPropertySources()
          .replace(RawProperties.REFERENCES, new ReferencePropertySource(elsewhere));

      context.publishEvent(new EnvironmentChangeEvent(context));

      assertThat(context.getEnvironment().getProperty("app.secret")).isEqualTo("pw");
      assertThat(others.reads()).isEmpty();
    }
  }

  @Test
  void refusesSecretThatSecondPlaceholderConfigurerWouldParse() {
    secrets.with("secret/db", "password", "${user.home}").with("secret/db", "plain", "$}{");
    try (ConfigurableApplicationContext context =
        new LookupApplication(secrets, TwoConfigurers.class).run()) {
      assertThat(context.getBeanFactory().resolveEmbeddedValue("${vault@secret/db#plain}"))
          .isEqualTo("$}{");
      assertThatExceptionOfType(SecretLookupException.class)
          .isThrownBy(
              () -> context.getBeanFactory().resolveEmbeddedValue("${vault@secret/db#password}"))
          .withMessageContaining("The secret contains '${'");
    }
  }

  @Test
  void enumeratesNothing() {
    try (ConfigurableApplicationContext context =
        application().with("app.secret", "${vault@secret/db#password}").run()) {
      assertThat(context.getEnvironment().getPropertySources().get(RawProperties.REFERENCES))
          .isInstanceOfSatisfying(
              ReferencePropertySource.class,
              source -> {
                assertThat(source.getPropertyNames()).isEmpty();
                assertThat(source.containsProperty("vault@secret/db#password")).isFalse();
              });
    }
  }

  private LookupApplication application() {
    return new LookupApplication(secrets, Application.class);
  }

  @Configuration(proxyBeanMethods = false)
  @EnableAutoConfiguration
  static class Application {}

  @Configuration(proxyBeanMethods = false)
  @PropertySource("classpath:dev/latchkey/env/annotated.properties")
  static class Annotated {}

  @Configuration(proxyBeanMethods = false)
  static class TwoConfigurers {

    @Bean
    static PropertySourcesPlaceholderConfigurer first() {
      PropertySourcesPlaceholderConfigurer first = new PropertySourcesPlaceholderConfigurer();
      first.setIgnoreUnresolvablePlaceholders(true);
      return first;
    }

    @Bean
    static PropertySourcesPlaceholderConfigurer second() {
      return new PropertySourcesPlaceholderConfigurer();
    }
  }

  @Configuration(proxyBeanMethods = false)
  @EnableAutoConfiguration
  static class WithFallback {

    @Value("${vault@secret/no#x:fallback}")
    String simple;

    @Value("${vault@secret/no#y:${app.other}}")
    String nested;
  }
}
