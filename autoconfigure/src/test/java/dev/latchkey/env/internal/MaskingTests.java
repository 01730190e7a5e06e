package dev.latchkey.env.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.test.internal.RecordingSecretSource;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.boot.actuate.context.properties.ConfigurationPropertiesReportEndpoint;
import org.springframework.boot.actuate.env.EnvironmentEndpoint;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.context.properties.bind.Name;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.SystemEnvironmentPropertySource;
import tools.jackson.databind.json.JsonMapper;

/** Tests that secrets are masked in every endpoint, even if values are shown. */
class MaskingTests {

  private static final String CANARY = "canary-91c4";

  private final RecordingSecretSource secrets =
      new RecordingSecretSource().with("secret/db", "password", CANARY);

  @Test
  void masksPropertiesThatResolveToSecretTransitively() {
    try (ConfigurableApplicationContext context = run()) {
      String environment = json(context.getBean(EnvironmentEndpoint.class).environment(null));
      String properties =
          json(
              context
                  .getBean(ConfigurationPropertiesReportEndpoint.class)
                  .configurationProperties());

      assertThat(environment + properties).doesNotContain(CANARY).doesNotContain("hvs.");
      assertThat(environment).contains("\"app.open\":{\"value\":\"shown\"");
      assertThat(properties).contains("\"open\":\"shown\"").contains("\"indirect\":\"******\"");
    }
  }

  @Test
  void masksSingleEntry() {
    try (ConfigurableApplicationContext context = run()) {
      EnvironmentEndpoint endpoint = context.getBean(EnvironmentEndpoint.class);

      for (String name :
          new String[] {
            "app.direct",
            "app.indirect",
            "app.url",
            "APP_VARIABLE",
            "vault@secret/db#password",
            "latchkey.vault.token",
            "sun.java.command"
          }) {
        assertThat(json(endpoint.environmentEntry(name)))
            .doesNotContain(CANARY)
            .doesNotContain("hvs.");
      }
    }
  }

  private ConfigurableApplicationContext run() {
    return new LookupApplication(secrets, Shown.class)
        .with("management.endpoints.access.default", "unrestricted")
        .with("management.endpoints.web.exposure.include", "*")
        .with("management.endpoint.env.show-values", "always")
        .with("management.endpoint.configprops.show-values", "always")
        .with("spring.main.web-application-type", "servlet")
        .with("server.port", "0")
        .with("app.open", "shown")
        .with("app.direct", "${vault@secret/db#password}")
        .with("app.indirect", "${app.direct}")
        .with("app.url", "jdbc:x?password=${app.indirect}&${not.there:${vault@secret/db#password}}")
        .with("app.list", "one,${app.direct}")
        .with("app.map.key", "<${app.indirect}>")
        .with("app.other-name", "${app.direct}")
        .with("latchkey.vault.token", "hvs.1")
        .with("latchkey.vault.app-role.secretId", "hvs.2")
        .with("latchkey.vault.appRole.secret_id", "hvs.3")
        .with("LATCHKEY_VAULT_PASSWORD", "hvs.4")
        .with("latchkey.vault.github.token", "hvs.8")
        .with("latchkey.vault.jwt.Token", "hvs.9")
        .with("latchkey.vault.userpass.pass-word", "hvs.10")
        .with("latchkey.vault.gcp-iam.credentials.encodedKey", "hvs.11")
        .with("latchkey.vault.awsEc2.nonce", "hvs.12")
        .with("spring.application.json", "{\"latchkey\":{\"vault\":{\"token\":\"hvs.5\"}}}")
        .with(
            new MapPropertySource(
                "test-system", Map.of("sun.java.command", "x --latchkey.vault.token=hvs.6")))
        .with(
            new SystemEnvironmentPropertySource(
                "test-systemEnvironment",
                Map.of(
                    "APP_VARIABLE", "${vault@secret/db#password}",
                    "LATCHKEY_VAULT_APPROLE_SECRETID", "hvs.7")))
        .run();
  }

  private static String json(Object descriptor) {
    return JsonMapper.builder().build().writeValueAsString(descriptor);
  }

  @Configuration(proxyBeanMethods = false)
  @EnableAutoConfiguration
  @EnableConfigurationProperties(AppProperties.class)
  static class Shown {}

  @ConfigurationProperties("app")
  record AppProperties(
      String open,
      String direct,
      String indirect,
      String url,
      java.util.List<String> list,
      Map<String, String> map,
      @Name("other-name") String renamed) {}
}
