package dev.latchkey.vault.internal.login;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latchkey.LatchkeyException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.env.ConfigTreePropertySource;
import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.PropertySource;
import org.springframework.core.env.SimpleCommandLinePropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;
import org.springframework.core.io.FileSystemResource;
import org.springframework.core.io.support.ResourcePropertySource;

@ExtendWith(OutputCaptureExtension.class)
final class CredentialOriginsTests {

  private static final String TOKEN = "latchkey.vault.token";
  private static final String VALUE = "canary-token";

  @TempDir private Path directory;

  private final StandardEnvironment environment = new StandardEnvironment();
  private final CredentialOrigins origins = new CredentialOrigins(environment);

  @BeforeEach
  void startEmpty() {
    environment
        .getPropertySources()
        .forEach(it -> environment.getPropertySources().remove(it.getName()));
  }

  @Test
  void seesACredentialInAConfigurationFile() throws Exception {
    add(yaml("latchkey.vault.token: " + VALUE));

    assertThat(origins.exposure(TOKEN)).get().asString().contains("application.yml", "1:23");
  }

  @Test
  void seesACredentialInAnnotatedPropertiesAndOnTheCommandLine() throws Exception {
    Path file = Files.writeString(directory.resolve("vault.properties"), TOKEN + "=" + VALUE);
    add(new ResourcePropertySource(new FileSystemResource(file)));
    assertThat(origins.exposure(TOKEN)).get().asString().contains("vault.properties");

    add(new SimpleCommandLinePropertySource("--latchkey.vault.token=" + VALUE));
    assertThat(origins.exposure(TOKEN)).contains("the command line");

    add(new MapPropertySource("systemProperties", Map.of(TOKEN, VALUE)));
    assertThat(origins.exposure(TOKEN)).contains("the command line");
  }

  @Test
  void passesThePlatformsEnvironmentAndMountedFilesAndTests() throws Exception {
    add(yaml("latchkey.vault.token: " + VALUE));
    add(new MapPropertySource("Dynamic Test Properties", Map.of(TOKEN, VALUE)));
    assertThat(origins.exposure(TOKEN)).isEmpty();

    add(environmentVariables(Map.of("LATCHKEY_VAULT_TOKEN", VALUE)));
    assertThat(origins.exposure(TOKEN)).isEmpty();

    Files.writeString(directory.resolve(TOKEN), VALUE);
    add(new ConfigTreePropertySource("mounted", directory));
    assertThat(origins.exposure(TOKEN)).isEmpty();
  }

  @Test
  void followsPlaceholdersToWhereTheValueStands() throws Exception {
    add(yaml("latchkey.vault.token: ${app.token}\napp.token: ${VAULT_TOKEN:" + VALUE + "}"));
    assertThat(origins.exposure(TOKEN)).get().asString().contains("application.yml");

    add(environmentVariables(Map.of("VAULT_TOKEN", VALUE)));
    assertThat(origins.exposure(TOKEN)).isEmpty();

    add(new SimpleCommandLinePropertySource("--VAULT_TOKEN=" + VALUE));
    assertThat(origins.exposure(TOKEN)).contains("the command line");
  }

  @Test
  void endsWhenPlaceholdersPointAtEachOther() throws Exception {
    add(yaml("latchkey.vault.token: ${a}\na: ${b}\nb: ${a}"));

    assertThatCode(() -> origins.exposure(TOKEN)).doesNotThrowAnyException();
  }

  @Test
  void warnsOrRefusesWithoutShowingTheValue(CapturedOutput output) throws Exception {
    add(yaml("latchkey.vault.token: " + VALUE));

    origins.check(TOKEN, TOKEN + "-file", false);
    assertThat(output)
        .contains("WARN", "latchkey.vault.token stands in the clear in", "application.yml")
        .doesNotContain(VALUE);

    assertThatThrownBy(() -> origins.check(TOKEN, TOKEN + "-file", true))
        .asInstanceOf(InstanceOfAssertFactories.type(LatchkeyException.class))
        .satisfies(
            failure -> {
              assertThat(failure)
                  .hasMessageContaining("application.yml")
                  .hasMessageContaining("latchkey.vault.require-external-credentials=true")
                  .hasMessageNotContaining(VALUE);
              assertThat(failure.action()).contains("latchkey.vault.token-file");
            });
  }

  private void add(PropertySource<?> source) {
    environment.getPropertySources().addFirst(source);
  }

  private PropertySource<?> yaml(String text) throws Exception {
    Path file = Files.writeString(directory.resolve("application.yml"), text);
    return new YamlPropertySourceLoader().load("file", new FileSystemResource(file)).get(0);
  }

  private static PropertySource<?> environmentVariables(Map<String, Object> variables) {
    return new SystemEnvironmentPropertySource(
        StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME, variables);
  }
}
