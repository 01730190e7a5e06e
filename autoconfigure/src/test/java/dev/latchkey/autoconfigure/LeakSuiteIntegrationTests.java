package dev.latchkey.autoconfigure;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;
import static org.awaitility.Awaitility.await;

import com.google.crypto.tink.Aead;
import com.google.crypto.tink.InsecureSecretKeyAccess;
import com.google.crypto.tink.aead.AesGcmKey;
import dev.latchkey.annotation.RotatingKey;
import dev.latchkey.database.DatabaseSecrets;
import dev.latchkey.database.PostgresServer;
import dev.latchkey.keyset.KeysetRegistry;
import dev.latchkey.secret.RotatingSecret;
import dev.latchkey.test.BaoServer;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Pattern;
import javax.management.JMException;
import javax.management.MBeanAttributeInfo;
import javax.management.MBeanOperationInfo;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ApplicationEvent;
import org.springframework.context.ApplicationListener;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.PayloadApplicationEvent;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.core.env.Environment;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** An application that uses everything, at TRACE and with every value shown, through troubles. */
@ExtendWith(OutputCaptureExtension.class)
final class LeakSuiteIntegrationTests {

  private static final String CANARY = "canary-4b1d";

  /** What the server's tokens look like. */
  private static final Pattern TOKEN = Pattern.compile("(?<![\\w.])[sb]\\.[A-Za-z0-9]{24,}");

  private static final HttpClient HTTP = HttpClient.newHttpClient();

  private final BaoServer server = BaoServer.shared();
  private final String mount = server.mountKv(2);
  private final String transit = server.mountTransit();
  private final String role = "auth/approle/role/" + server.newName("role");
  private final StringBuilder shown = new StringBuilder();

  @Test
  void showsNoSecretAnywhere(CapturedOutput output) throws Exception {
    write("db", "first");
    write("imported", "imported");
    write("payments", "payments");
    DatabaseSecrets engine = DatabaseSecrets.mount(server, PostgresServer.shared());
    String lent = engine.role(Duration.ofSeconds(2), Duration.ofMinutes(5));
    Map<String, Object> properties = properties();
    properties.put("app.lent", "${vault@%s#password}".formatted(lent));

    String password;
    byte[] key;
    try (ConfigurableApplicationContext context = run(properties)) {
      Environment environment = context.getEnvironment();
      assertThat(environment.getProperty("app.reference")).isEqualTo(CANARY + "-first");
      assertThat(environment.getProperty("app.imported.x")).isEqualTo(CANARY + "-imported");
      password = environment.getRequiredProperty("app.lent");
      Uses uses = context.getBean(Uses.class);
      byte[] ciphertext = uses.aead.encrypt((CANARY + "-plain").getBytes(UTF_8), new byte[0]);
      AesGcmKey primary =
          (AesGcmKey)
              context
                  .getBean(KeysetRegistry.class)
                  .snapshot("orders")
                  .handle()
                  .getPrimary()
                  .getKey();
      key = primary.getKeyBytes().toByteArray(InsecureSecretKeyAccess.get());

      lookAtEverything(context);
      write("payments", "second");
      await().until(() -> uses.payments.get("x").equals(CANARY + "-second"));
      endLogins();
      write("payments", "third");
      await().until(() -> uses.payments.get("x").equals(CANARY + "-third"));
      assertThat(uses.aead.decrypt(ciphertext, new byte[0])).isNotEmpty();
      lookAtEverything(context);
      shown.append(context.getBean(Events.class).seen);
    }
    properties.put("latchkey.vault.app-role.secret-id", CANARY + "-wrong");
    fails(properties);
    properties.put("latchkey.vault.authentication", "userpass");
    properties.put("latchkey.vault.userpass.username", "shop");
    properties.put("latchkey.vault.userpass.password", CANARY + "-password");
    fails(properties);

    assertThat(output.toString()).contains("TRACE", "approle/login", "/fail");
    assertThat(shown).contains("in-the-open", "SecretRotated", "latchkey-", "refused the login");
    for (String text : List.of(output.toString(), shown.toString())) {
      assertThat(text)
          .doesNotContain(CANARY, password, server.rootToken())
          .doesNotContain(Base64.getEncoder().withoutPadding().encodeToString(key))
          .doesNotContain(HexFormat.of().formatHex(key));
      assertThat(TOKEN.matcher(text).results().map(result -> result.group())).isEmpty();
    }
  }

  private void lookAtEverything(ConfigurableApplicationContext context) throws Exception {
    String root = "http://localhost:" + context.getEnvironment().getProperty("local.server.port");
    JsonNode links = JsonMapper.shared().readTree(get(root + "/actuator")).path("_links");
    assertThat(links.has("env") && links.has("configprops") && links.has("rotation")).isTrue();
    for (JsonNode link : links) {
      String uri = link.path("href").stringValue();
      if (!link.path("templated").booleanValue() && !uri.endsWith("dump")) {
        get(uri);
      }
    }
    for (String name :
        List.of("app.reference", "app.imported.x", "latchkey.vault.app-role.secret-id")) {
      assertThat(get(root + "/actuator/env/" + name)).contains("******");
    }
    assertThat(get(root + "/fail")).contains("SecretLookupException");
    MBeanServer beans = ManagementFactory.getPlatformMBeanServer();
    for (ObjectName name : beans.queryNames(new ObjectName("org.springframework.boot:*"), null)) {
      lookAt(beans, name);
    }
    Thread.getAllStackTraces().keySet().forEach(thread -> shown.append(thread.getName()));
    shown.append(ProcessHandle.current().info());
  }

  private void lookAt(MBeanServer beans, ObjectName name) throws JMException {
    for (MBeanAttributeInfo attribute : beans.getMBeanInfo(name).getAttributes()) {
      shown.append(beans.getAttribute(name, attribute.getName()));
    }
    for (MBeanOperationInfo operation : beans.getMBeanInfo(name).getOperations()) {
      String[] signature =
          Arrays.stream(operation.getSignature())
              .map(each -> each.getType())
              .toArray(String[]::new);
      if (operation.getImpact() == MBeanOperationInfo.INFO
          && !operation.getName().contains("ump")) {
        try {
          shown.append(
              beans.invoke(name, operation.getName(), new Object[signature.length], signature));
        } catch (JMException ex) {
          shown.append(ex).append(ex.getCause());
        }
      }
    }
  }

  private String get(String uri) throws Exception {
    String body =
        HTTP.send(HttpRequest.newBuilder(URI.create(uri)).build(), BodyHandlers.ofString()).body();
    shown.append(body);
    return body;
  }

  private void fails(Map<String, Object> properties) {
    assertThatException()
        .isThrownBy(() -> run(properties).close())
        .satisfies(
            failure -> {
              StringWriter text = new StringWriter();
              failure.printStackTrace(new PrintWriter(text));
              shown.append(text);
            });
  }

  private Map<String, Object> properties() {
    if (!server.get("sys/auth").has("approle/")) {
      server.post("sys/auth/approle", Map.of("type", "approle"));
    }
    String policy = server.policy("path \"*\" { capabilities = [\"create\",\"read\",\"update\"] }");
    server.post(role, Map.of("token_policies", policy));
    server.post(role + "/custom-secret-id", Map.of("secret_id", CANARY + "-secret-id"));
    Map<String, Object> properties = new HashMap<>();
    properties.put("latchkey.vault.uri", server.uri().toString());
    properties.put("latchkey.vault.authentication", "approle");
    properties.put(
        "latchkey.vault.app-role.role-id",
        server.get(role + "/role-id").at("/data/role_id").stringValue());
    properties.put("latchkey.vault.app-role.secret-id", CANARY + "-secret-id");
    properties.put("latchkey.store.vault.mount", mount);
    properties.put("latchkey.store.vault.transit-mount", transit);
    properties.put("latchkey.keysets.orders.template", "AES256_GCM");
    properties.put("latchkey.secrets.payments.reference", "vault@%s/payments".formatted(mount));
    properties.put("latchkey.refresh.interval", "300ms");
    properties.put("app.open", "in-the-open");
    properties.put("app.reference", "${vault@%s/db#x}".formatted(mount));
    properties.put("app.indirect", "<${app.reference}|${app.imported.x}>");
    properties.put(
        "spring.config.import", "latchkey:%s/imported?prefix=app.imported.".formatted(mount));
    properties.put("spring.application.name", "shop");
    properties.put("spring.jmx.enabled", "true");
    properties.put("spring.web.error.include-message", "always");
    properties.put("spring.web.error.include-stacktrace", "always");
    properties.put("server.port", "0");
    properties.put("logging.level.root", "TRACE");
    properties.put("management.endpoints.access.default", "read-only");
    properties.put("management.endpoints.web.exposure.include", "*");
    properties.put("management.endpoints.jmx.exposure.include", "*");
    properties.put("management.endpoint.env.show-values", "always");
    properties.put("management.endpoint.configprops.show-values", "always");
    properties.put("management.endpoint.health.show-details", "always");
    return properties;
  }

  private static ConfigurableApplicationContext run(Map<String, Object> properties) {
    SpringApplication application = new SpringApplication(Application.class);
    application.setDefaultProperties(properties);
    return application.run();
  }

  private void write(String path, String value) {
    server.post(mount + "/data/" + path, Map.of("data", Map.of("x", CANARY + "-" + value)));
  }

  /** Ends every login of the role, as somebody would who revokes it. */
  private void endLogins() {
    JsonNode accessors =
        JsonMapper.shared()
            .readTree(
                server.exchange(server.rootToken(), "LIST", "auth/token/accessors", null).body())
            .at("/data/keys");
    for (JsonNode accessor : accessors) {
      Map<String, String> body = Map.of("accessor", accessor.stringValue());
      if (server
          .exchange(server.rootToken(), "POST", "auth/token/lookup-accessor", body)
          .body()
          .contains("\"" + role.replaceAll(".*/", "") + "\"")) {
        server.post("auth/token/revoke-accessor", body);
      }
    }
  }

  @Configuration(proxyBeanMethods = false)
  @EnableAutoConfiguration
  @Import({Uses.class, Events.class})
  static class Application {}

  @RestController
  static class Uses {

    @RotatingKey("orders")
    Aead aead;

    @RotatingKey("payments")
    RotatingSecret payments;

    private final Environment environment;

    Uses(Environment environment) {
      this.environment = environment;
    }

    @GetMapping("/fail")
    String fail() {
      return environment.resolveRequiredPlaceholders("${app.indirect} ${vault@none/such#x}");
    }
  }

  static class Events implements ApplicationListener<ApplicationEvent> {

    private final List<String> seen = new CopyOnWriteArrayList<>();

    @Override
    public void onApplicationEvent(ApplicationEvent event) {
      seen.add(
          event instanceof PayloadApplicationEvent<?> payload
              ? String.valueOf(payload.getPayload())
              : event.toString());
    }
  }
}
