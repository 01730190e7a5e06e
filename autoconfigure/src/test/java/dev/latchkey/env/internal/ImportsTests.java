package dev.latchkey.env.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.latchkey.LatchkeyException;
import dev.latchkey.StoreUnavailableException;
import dev.latchkey.env.internal.imports.ImportedPropertySource;
import dev.latchkey.env.internal.text.SecretLookupException;
import dev.latchkey.test.internal.RecordingSecretSource;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.actuate.context.properties.ConfigurationPropertiesReportEndpoint;
import org.springframework.boot.actuate.env.EnvironmentEndpoint;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MapPropertySource;
import tools.jackson.databind.json.JsonMapper;

/** Tests for {@code spring.config.import=latchkey:…}. */
@ExtendWith(OutputCaptureExtension.class)
class ImportsTests {

  private final RecordingSecretSource secrets =
      new RecordingSecretSource()
          .with("secret/db", "username", "shop")
          .with("secret/db", "password", "pw");

  @TempDir private Path directory;

  @Test
  void importsEveryFieldWithPrefix() throws Exception {
    secrets
        .with("secret/db", "poolSize", 5)
        .with("secret/db", "servers", List.of(Map.of("name", "one"), Map.of("name", "two")))
        .with("secret/db", "nothing", null);
    file("application.properties", "spring.config.import=latchkey:secret/db?prefix=app.db.");

    run(
        environment -> {
          assertThat(environment.getProperty("app.db.username")).isEqualTo("shop");
          assertThat(environment.getProperty("app.db.pool-size", Integer.class)).isEqualTo(5);
          assertThat(environment.getProperty("app.db.servers[1].name")).isEqualTo("two");
          assertThat(environment.containsProperty("app.db.nothing")).isFalse();
          assertThat(environment.containsProperty("username")).isFalse();
          assertThat(
                  Binder.get(environment)
                      .bind("app.db", Bindable.mapOf(String.class, Object.class))
                      .get())
              .containsKeys("username", "password", "poolSize", "servers");
          assertThat(secrets.reads()).containsExactly("secret/db");
        });
  }

  @Test
  void importsVersionWithoutPrefixAndSamePathTwice() throws Exception {
    secrets.with("secret/db", "password", "new");
    file(
        "application.properties",
        "spring.config.import=latchkey:secret/db?version=1,"
            + "latchkey:secret/db?prefix=new.,latchkey:secret/db?version=2&prefix=old.");

    run(
        environment -> {
          assertThat(environment.getProperty("username")).isEqualTo("shop");
          assertThat(environment.getProperty("new.password")).isEqualTo("new");
          assertThat(environment.getProperty("old.password")).isEqualTo("pw");
        });
  }

  @Test
  void hasPrecedenceOfImportedFile() throws Exception {
    secrets.with("secret/first", "x", "first").with("secret/first", "y", "first");
    secrets.with("secret/last", "x", "last");
    file(
        "application.properties",
        "spring.config.import=latchkey:secret/first?prefix=app.,latchkey:secret/last?prefix=app.",
        "app.x=importing",
        "app.y=importing",
        "app.z=importing");
    file("application-prod.properties", "app.y=profile");

    run(
        environment -> {
          assertThat(environment.getProperty("app.x")).isEqualTo("last");
          assertThat(environment.getProperty("app.y")).isEqualTo("profile");
          assertThat(environment.getProperty("app.z")).isEqualTo("importing");
        },
        "--spring.profiles.active=prod");
  }

  @Test
  void isOverriddenBySourcesThatOverrideFiles() throws Exception {
    file("application.properties", "spring.config.import=latchkey:secret/db?prefix=app.");

    run(
        environment -> {
          assertThat(environment.getProperty("app.password")).isEqualTo("argument");
          assertThat(environment.getProperty("app.username")).isEqualTo("shop");
        },
        "--app.password=argument");
  }

  @Test
  void isReadTogetherWithReferences() throws Exception {
    CyclicBarrier together = new CyclicBarrier(3);
    secrets.with("secret/other", "x", "other").with("secret/third", "x", "third");
    secrets.beforeRead(
        path -> {
          try {
            together.await(10, TimeUnit.SECONDS);
          } catch (Exception ex) {
            throw new IllegalStateException("The reads did not meet", ex);
          }
        });
    file(
        "application.properties",
        "spring.config.import=latchkey:secret/db?prefix=db.,latchkey:secret/other?prefix=other.",
        "app.third=${vault@secret/third#x} of ${db.username}");

    run(
        environment -> {
          assertThat(environment.getProperty("app.third")).isEqualTo("third of shop");
          assertThat(secrets.reads()).hasSize(3);
        });
  }

  @Test
  void refusesImportedValueInNameOfReference() throws Exception {
    secrets.with("secret/names", "team", "a").with("team/a/db", "x", "of team a");
    file(
        "application.properties",
        "spring.config.import=latchkey:secret/names?prefix=app.",
        "app.secret=${vault@team/${app.team}/db#x}");

    assertThatExceptionOfType(SecretLookupException.class)
        .isThrownBy(() -> run(environment -> {}))
        .withMessageContaining("A secret cannot be part of a property name");
  }

  @Test
  void overridesReferenceInFileOfLowerPrecedence() throws Exception {
    file(
        "application.properties",
        "spring.config.import=latchkey:secret/db?prefix=app.",
        "app.password=${vault@secret/no-such#x}");

    run(environment -> assertThat(environment.getProperty("app.password")).isEqualTo("pw"));
  }

  @Test
  void importsSecretsAsData() throws Exception {
    List<String> odd =
        List.of("${user.home}", "\\${x}", "#{1+1}", "a:b}c", "${vault@secret/db#x}", "${", "{1}#");
    for (int i = 0; i < odd.size(); i++) {
      secrets.with("secret/odd", "list[%d]".formatted(i), odd.get(i));
    }
    secrets.with("secret/odd", "x", "#{T(java.lang.Runtime).getRuntime().exit(7)}${user.home}");
    file("application.properties", "spring.config.import=latchkey:secret/odd?prefix=app.");

    try (ConfigurableApplicationContext context = start(Injected.class)) {
      ConfigurableEnvironment environment = context.getEnvironment();
      for (int i = 0; i < odd.size(); i++) {
        String name = "app.list[%d]".formatted(i);
        assertThat(environment.getProperty(name)).isEqualTo(odd.get(i));
        assertThat(environment.resolvePlaceholders("<${%s}>".formatted(name)))
            .isEqualTo("<%s>".formatted(odd.get(i)));
        assertThat(context.getBeanFactory().resolveEmbeddedValue("${%s}".formatted(name)))
            .isEqualTo(odd.get(i));
      }
      assertThat(context.getBean(AppProperties.class).list()).isEqualTo(odd);
      assertThat(context.getBean(Injected.class).value)
          .isEqualTo("#{T(java.lang.Runtime).getRuntime().exit(7)}${user.home}");
    }
  }

  @Test
  void isAvailableToConditions() throws Exception {
    secrets.with("secret/db", "feature", true);
    file("application.properties", "spring.config.import=latchkey:secret/db?prefix=app.");

    try (ConfigurableApplicationContext context = start(Conditional.class)) {
      assertThat(context.containsBean("feature")).isTrue();
    }
  }

  @Test
  void canNeitherImportNorActivateProfiles() throws Exception {
    Path other = file("other.properties", "app.other=imported");
    secrets
        .with("secret/evil", "spring.config.import", "file:" + other)
        .with("secret/evil", "spring.profiles.active", "prod")
        .with("secret/evil", "spring.profiles.include[0]", "prod")
        .with("secret/evil", "spring.config.activate.on-profile", "none")
        .with("secret/evil", "SPRING.PROFILES.ACTIVE", "prod")
        .with("secret/evil", "vault@secret/db#password", "changed")
        .with("secret/evil", "app.good", "good");
    file(
        "application.properties",
        "spring.config.import=latchkey:secret/evil",
        "app.password=${vault@secret/db#password}");

    run(
        environment -> {
          assertThat(environment.getProperty("app.good")).isEqualTo("good");
          assertThat(environment.getProperty("app.other")).isNull();
          assertThat(environment.getProperty("spring.profiles.active")).isNull();
          assertThat(environment.getActiveProfiles()).isEmpty();
          assertThat(environment.getProperty("app.password")).isEqualTo("pw");
        });
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "latchkey.vault.uri",
        "LATCHKEY.VAULT.URI",
        "latch-key.refresh.interval",
        "logging.file.name",
        "management.endpoints.web.exposure.include",
        "spring.main.lazy-initialization"
      })
  void cannotDecideHowTheApplicationRunsWithoutItsPrefix(String name, CapturedOutput output)
      throws Exception {
    secrets.with("secret/evil", name, "changed").with("secret/evil", "app.good", "good");
    file("application.properties", "spring.config.import=latchkey:secret/evil");

    run(
        environment -> {
          assertThat(environment.getProperty("app.good")).isEqualTo("good");
          assertThat(environment.getProperty(name)).isNull();
        });
    assertThat(output)
        .contains("Import latchkey:secret/evil: ignored property '%s'".formatted(name))
        .doesNotContain("changed");
  }

  @Test
  void decidesHowTheApplicationRunsWithItsPrefix() throws Exception {
    secrets.with("secret/web", "server.base-path", "/ops");
    file("application.properties", "spring.config.import=latchkey:secret/web?prefix=management.");

    run(
        environment ->
            assertThat(environment.getProperty("management.server.base-path")).isEqualTo("/ops"));
  }

  @Test
  void isReadAfterAllPropertiesAreKnown() throws Exception {
    file("application.properties", "spring.config.import=latchkey:secret/db?prefix=app.");
    List<Integer> readsBefore = new ArrayList<>();
    LookupApplication application = application(Application.class);
    application
        .application()
        .addInitializers(
            context -> {
              readsBefore.add(secrets.reads().size());
              assertThat(context.getEnvironment().getProperty("app.password")).isNull();
            });

    try (ConfigurableApplicationContext context = application.run(location())) {
      assertThat(readsBefore).containsExactly(0);
      assertThat(context.getEnvironment().getProperty("app.password")).isEqualTo("pw");
    }
  }

  @Test
  void refusesReferenceInImport() throws Exception {
    file("application.properties", "spring.config.import=${vault@secret/db#password}");

    assertThatException()
        .isThrownBy(() -> run(environment -> {}))
        .havingRootCause()
        .isInstanceOf(LatchkeyException.class)
        .withMessageContaining("before configuration files and profiles are known");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "latchkey:secret/db?praefix=app. | Invalid option 'praefix=app.'",
        "latchkey:secret/db#password     | '#' at position 16",
        "latchkey:secret                 | ends unexpectedly",
        "latchkey:secret/db?version=0    | '0' at position",
        "latchkey:secret/../db           | '.' at position",
        "latchkey:secret/db?prefix=a b   | Invalid prefix 'a b': it contains a character"
      })
  void refusesInvalidLocationWithReason(String location, String reason) throws Exception {
    file("application.properties", "x=y", "spring.config.import=" + location);

    assertThatExceptionOfType(SecretLookupException.class)
        .isThrownBy(() -> run(environment -> {}))
        .withMessageContaining("in property 'spring.config.import'")
        .withMessageContaining("application.properties")
        .withMessageContaining("2:22")
        .withMessageContaining(reason);
  }

  @Test
  void failsWhenPathDoesNotExist() throws Exception {
    file("application.properties", "x=y", "spring.config.import=latchkey:secret/none?prefix=app.");

    assertThatExceptionOfType(SecretLookupException.class)
        .isThrownBy(() -> run(environment -> {}))
        .withMessageStartingWith(
            "latchkey:secret/none?prefix=app. in property 'spring.config.import'")
        .withMessageContaining("2:22")
        .withMessageContaining("has no secret at secret/none");
  }

  @Test
  void skipsOptionalImportWhenPathIsMissingOrStoreUnavailable() throws Exception {
    secrets.failing("secret/away", new StoreUnavailableException("away", "wait"));
    file(
        "application.properties",
        "spring.config.import=optional:latchkey:secret/none?prefix=app.,"
            + "optional:latchkey:secret/away?prefix=app.",
        "app.x=default");

    run(environment -> assertThat(environment.getProperty("app.x")).isEqualTo("default"));
  }

  @Test
  void failsWhenOptionalImportIsDenied() throws Exception {
    secrets.failing("secret/denied", new LatchkeyException("It is denied", "allow it"));
    file("application.properties", "spring.config.import=optional:latchkey:secret/denied");

    assertThatExceptionOfType(SecretLookupException.class)
        .isThrownBy(() -> run(environment -> {}))
        .withMessageContaining("It is denied");
    assertThat(secrets.reads()).hasSize(1);
  }

  @Test
  void isNotReadWhenTestOverridesItsFields() throws Exception {
    file(
        "application.properties",
        "spring.config.import=latchkey:secret/elsewhere?prefix=app.",
        "app.user=${app.username:none}");

    run(
        environment -> {
          assertThat(environment.getProperty("app.password")).isEqualTo("test of none");
          assertThat(secrets.reads()).isEmpty();
        },
        "--vault@secret/elsewhere#password=test of ${app.user}");
  }

  @Test
  void isRefusedWhenLatchkeyIsDisabled() throws Exception {
    file("application.properties", "spring.config.import=latchkey:secret/db?prefix=app.");

    assertThatExceptionOfType(SecretLookupException.class)
        .isThrownBy(() -> run(environment -> {}, "--latchkey.enabled=false"))
        .withMessageContaining("disabled");
    run(
        environment -> assertThat(environment.getProperty("app.password")).isEqualTo("test"),
        "--latchkey.enabled=false",
        "--vault@secret/db#password=test");
    file("application.properties", "spring.config.import=optional:latchkey:secret/db?prefix=app.");
    run(
        environment -> assertThat(environment.getProperty("app.password")).isNull(),
        "--latchkey.enabled=false");
    assertThat(secrets.reads()).isEmpty();
  }

  @Test
  void readsNothingDuringAheadOfTimeProcessing() throws Exception {
    file("application.properties", "spring.config.import=latchkey:secret/db?prefix=app.");
    System.setProperty("spring.aot.processing", "true");
    try {
      run(environment -> assertThat(environment.getProperty("app.password")).isNull());
      assertThat(secrets.reads()).isEmpty();
    } finally {
      System.clearProperty("spring.aot.processing");
    }
  }

  @Test
  void isMaskedInEveryEndpoint() throws Exception {
    secrets.with("secret/db", "x", "canary-71aa");
    file(
        "application.properties",
        "spring.config.import=latchkey:secret/db?prefix=app.",
        "app.open=shown",
        "app.indirect=<${app.x}>",
        "management.endpoints.access.default=unrestricted",
        "management.endpoint.env.show-values=always",
        "management.endpoint.configprops.show-values=always",
        "management.endpoints.web.exposure.include=*",
        "server.port=0");

    try (ConfigurableApplicationContext context =
        application(Shown.class)
            .with("spring.main.web-application-type", "servlet")
            .run(location())) {
      JsonMapper json = JsonMapper.shared();
      EnvironmentEndpoint environment = context.getBean(EnvironmentEndpoint.class);
      assertThat(
              json.writeValueAsString(environment.environment(null))
                  + json.writeValueAsString(environment.environmentEntry("app.x"))
                  + json.writeValueAsString(environment.environmentEntry("app.indirect"))
                  + json.writeValueAsString(
                      context
                          .getBean(ConfigurationPropertiesReportEndpoint.class)
                          .configurationProperties()))
          .doesNotContain("canary-71aa")
          .contains("app.x")
          .contains("\"open\":\"shown\"");
    }
  }

  @Test
  void keepsValuesWhenSpringCloudReplacesPropertySources() throws Exception {
    file("application.properties", "spring.config.import=latchkey:secret/db?prefix=app.");
    RecordingSecretSource others = new RecordingSecretSource().with("secret/db", "password", "new");

    run(
        environment -> {
          PropertyLookups elsewhere = new PropertyLookups(environment, () -> others);
          new RawProperties(environment)
              .imports()
              .forEach(
                  each -> {
                    ImportedPropertySource fresh = new ImportedPropertySource(each.getSource());
                    fresh.answerWith(elsewhere);
                    environment.getPropertySources().replace(each.getName(), fresh);
                  });
          assertThat(environment.getProperty("app.password")).isNull();
        },
        context ->
            context.publishEvent(
                new org.springframework.cloud.context.environment.EnvironmentChangeEvent(context)),
        environment -> assertThat(environment.getProperty("app.password")).isEqualTo("pw"));
    assertThat(others.reads()).isEmpty();
  }

  private void run(Consumer<ConfigurableEnvironment> test, String... arguments) {
    try (ConfigurableApplicationContext context = start(Application.class, arguments)) {
      test.accept(context.getEnvironment());
    }
  }

  private void run(
      Consumer<ConfigurableEnvironment> before,
      Consumer<ConfigurableApplicationContext> action,
      Consumer<ConfigurableEnvironment> after) {
    try (ConfigurableApplicationContext context = start(Application.class)) {
      before.accept(context.getEnvironment());
      action.accept(context);
      after.accept(context.getEnvironment());
    }
  }

  private ConfigurableApplicationContext start(Class<?> configuration, String... arguments) {
    List<String> all = new ArrayList<>(List.of(location()));
    LookupApplication application = application(configuration);
    Map<String, Object> overrides = new HashMap<>();
    for (String argument : arguments) {
      if (argument.startsWith("--vault@")) {
        String[] parts = argument.substring(2).split("=", 2);
        overrides.put(parts[0], parts[1]);
      } else {
        all.add(argument);
      }
    }
    if (!overrides.isEmpty()) {
      application.with(new MapPropertySource("overrides", overrides));
    }
    return application.run(all.toArray(String[]::new));
  }

  private LookupApplication application(Class<?> configuration) {
    return new LookupApplication(secrets, configuration)
        .with(
            "spring.autoconfigure.exclude",
            "org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration");
  }

  private String location() {
    return "--spring.config.location=file:" + directory + "/";
  }

  private Path file(String name, String... lines) throws Exception {
    return Files.write(directory.resolve(name), List.of(lines));
  }

  @Configuration(proxyBeanMethods = false)
  static class Application {}

  @Configuration(proxyBeanMethods = false)
  @EnableAutoConfiguration
  @EnableConfigurationProperties(AppProperties.class)
  static class Shown {}

  @Configuration(proxyBeanMethods = false)
  static class Conditional {

    @Bean
    @ConditionalOnProperty("app.feature")
    String feature() {
      return "on";
    }
  }

  @Configuration(proxyBeanMethods = false)
  @EnableConfigurationProperties(AppProperties.class)
  static class Injected {

    @Value("${app.x}")
    String value = "";
  }

  @ConfigurationProperties("app")
  record AppProperties(String x, String open, String indirect, List<String> list) {}
}
