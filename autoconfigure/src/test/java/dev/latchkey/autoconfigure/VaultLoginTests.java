package dev.latchkey.autoconfigure;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;

import com.sun.net.httpserver.HttpServer;
import dev.latchkey.LatchkeyException;
import dev.latchkey.vault.LoginFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.bootstrap.BootstrapRegistry.InstanceSupplier;
import org.springframework.boot.bootstrap.DefaultBootstrapContext;
import org.springframework.boot.env.OriginTrackedMapPropertySource;
import org.springframework.boot.env.PropertiesPropertySourceLoader;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.core.io.FileSystemResource;
import org.springframework.mock.env.MockEnvironment;
import org.springframework.vault.authentication.ClientAuthentication;
import org.springframework.vault.support.VaultToken;

/** Methods of logging in that need a platform, and what each of them says where it lacks a part. */
@ExtendWith(OutputCaptureExtension.class)
final class VaultLoginTests {

  private final Map<String, String> answers = new ConcurrentHashMap<>();
  private final List<String> requests = new CopyOnWriteArrayList<>();
  private final Set<String> tokens = ConcurrentHashMap.newKeySet();
  private final MockEnvironment environment = new MockEnvironment();
  private HttpServer server;

  @TempDir private Path directory;

  @BeforeEach
  void answerAsVaultAndAsThePlatform() throws Exception {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/",
        exchange -> {
          try (exchange) {
            String path = exchange.getRequestURI().getPath();
            String body = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
            String token = exchange.getRequestHeaders().getFirst("X-Vault-Token");
            if (token != null) {
              tokens.add(token);
            }
            requests.add("%s %s %s".formatted(exchange.getRequestMethod(), path, body));
            byte[] answer = answers.getOrDefault(path, "{\"errors\":[]}").getBytes(UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(answers.containsKey(path) ? 200 : 404, answer.length);
            exchange.getResponseBody().write(answer);
          }
        });
    server.start();
    answers.put(
        "/v1/sys/internal/ui/mounts/secret/db",
        "{\"data\":{\"path\":\"secret/\",\"type\":\"kv\",\"options\":{\"version\":\"1\"}}}");
    answers.put("/v1/secret/db", "{\"data\":{\"x\":\"read\"}}");
    with("uri", address());
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "approle    | latchkey.vault.app-role.role-id   | the role's id",
        "cert       | latchkey.vault.ssl.bundle         | certificate",
        "cubbyhole  | latchkey.vault.token-file         | wraps",
        "github     | latchkey.vault.github.token-file  | token of GitHub",
        "jwt        | latchkey.vault.jwt.token-file     | JWT",
        "kubernetes | latchkey.vault.kubernetes.role    | role",
        "userpass   | latchkey.vault.userpass.password  | password",
        "azure-msi  | latchkey.vault.azure-msi.role     | role",
        "gcp-gce    | latchkey.vault.gcp-gce.role       | role",
        "gcp-iam    | latchkey.vault.gcp-iam.role       | role"
      })
  void namesThePropertyThatAMethodLacks(String method, String property, String what) {
    with("authentication", method);

    assertThatThrownBy(() -> Backend.create(environment))
        .asInstanceOf(InstanceOfAssertFactories.type(LatchkeyException.class))
        .satisfies(
            failure -> {
              assertThat(failure)
                  .hasMessageContaining(
                      "%s is not set, which latchkey.vault.authentication=%s needs"
                          .formatted(property, method));
              assertThat(failure.action()).contains(what);
            });
  }

  @ParameterizedTest
  @CsvSource({
    "aws-iam, software.amazon.awssdk, software.amazon.awssdk:auth",
    "gcp-iam, com.google.cloud, com.google.cloud:google-cloud-iamcredentials",
    "pcf, org.bouncycastle, org.bouncycastle:bcpkix-jdk18on"
  })
  void namesTheLibraryThatAMethodLacks(String method, String hidden, String library) {
    with("authentication", method);
    Thread thread = Thread.currentThread();
    ClassLoader loader = thread.getContextClassLoader();
    thread.setContextClassLoader(new FilteredClassLoader(hidden));
    try {
      assertThatThrownBy(() -> Backend.create(environment))
          .isInstanceOf(LatchkeyException.class)
          .hasMessage(
              "%s is not on the class path, which latchkey.vault.authentication=%s needs"
                  .formatted(library, method));
    } finally {
      thread.setContextClassLoader(loader);
    }
  }

  @Test
  void logsInWithATokenOfGitHub() {
    with("authentication", "github");
    with("github.token", "ghp_token");

    assertThat(logsIn("github")).contains("{\"token\":\"ghp_token\"}");
  }

  @Test
  void logsInAsAnEc2Instance() {
    answers.put("/latest/api/token", "imds");
    answers.put("/document", "pk\ncs7");
    with("authentication", "aws-ec2");
    with("aws-ec2.role", "shop");
    with("aws-ec2.nonce", "nonce");
    with("aws-ec2.identity-document", address() + "/document");

    assertThat(logsIn("aws-ec2")).contains("\"pkcs7\":\"pkcs7\"", "\"nonce\":\"nonce\"", "shop");
  }

  @Test
  void logsInAsAnAwsIdentity() {
    System.setProperty("aws.accessKeyId", "AKIA0");
    System.setProperty("aws.secretAccessKey", "canary-key");
    try {
      with("authentication", "aws-iam");
      with("aws-iam.role", "shop");
      with("aws-iam.region", "eu-west-1");
      with("aws-iam.server-name", "vault.example.org");
      with("aws-iam.endpoint-uri", "https://sts.eu-west-1.amazonaws.com/");

      assertThat(logsIn("aws"))
          .contains("iam_request_headers", "\"role\":\"shop\"")
          .doesNotContain("canary-key");
    } finally {
      System.clearProperty("aws.accessKeyId");
      System.clearProperty("aws.secretAccessKey");
    }
  }

  @Test
  void logsInWithAManagedIdentityOfAzure() {
    answers.put(
        "/instance",
        """
        {"compute":{"subscriptionId":"s","resourceGroupName":"g","name":"vm","vmScaleSetName":""}}
        """);
    answers.put("/identity", "{\"access_token\":\"azure-jwt\"}");
    with("authentication", "azure-msi");
    with("azure-msi.role", "shop");
    with("azure-msi.metadata-service", address() + "/instance");
    with("azure-msi.identity-token-service", address() + "/identity");

    assertThat(logsIn("azure")).contains("\"jwt\":\"azure-jwt\"", "\"vm_name\":\"vm\"");
  }

  @Test
  void saysThatThePlatformGivesNoIdentity() {
    with("authentication", "azure-msi");
    with("azure-msi.role", "shop");
    with("azure-msi.identity-token-service", "http://127.0.0.1:1/identity");
    with("azure-msi.metadata-service", "http://127.0.0.1:1/instance");

    assertThatThrownBy(this::read)
        .isInstanceOf(LatchkeyException.class)
        .hasMessageContaining("Azure gives this machine no identity to log in to Vault with")
        .hasMessageContaining("cannot be reached");
  }

  @Test
  void saysThatThereAreNoCredentialsOfGoogleCloud() {
    with("authentication", "gcp-iam");
    with("gcp-iam.role", "shop");
    with("gcp-iam.credentials.encoded-key", "no base64!");

    assertThatThrownBy(this::read)
        .isInstanceOf(LatchkeyException.class)
        .hasMessageContaining("There are no credentials of Google Cloud")
        .hasMessageNotContaining("no base64!");
  }

  @Test
  void saysWhereAFileIsMissing() {
    with("authentication", "kubernetes");
    with("kubernetes.role", "shop");
    with("kubernetes.service-account-token-file", directory + "/none");

    assertThatThrownBy(this::read)
        .isInstanceOf(LatchkeyException.class)
        .hasMessageStartingWith(
            "There is no service account token file %s/none".formatted(directory))
        .extracting(failure -> ((LatchkeyException) failure).action(), STRING)
        .contains("latchkey.vault.kubernetes.service-account-token-file");
  }

  @Test
  void wantsOneOfTwoPlacesForACredential() {
    with("authentication", "approle");
    with("app-role.role-id", "role");
    with("app-role.secret-id", "canary");
    with("app-role.secret-id-file", "/run/secret-id");

    assertThatThrownBy(() -> Backend.create(environment))
        .isInstanceOf(LatchkeyException.class)
        .hasMessageStartingWith(
            "Both latchkey.vault.app-role.secret-id and latchkey.vault.app-role.secret-id-file are"
                + " set");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "approle app-role.secret-id APPROLE_SECRETID app-role.role-id",
        "github github.token GITHUB_TOKEN github.github-path",
        "jwt jwt.token JWT_TOKEN jwt.role",
        "userpass userpass.password USERPASS_PASSWORD userpass.username",
        "gcp-iam gcp-iam.credentials.encoded-key GCPIAM_CREDENTIALS_ENCODEDKEY gcp-iam.role"
      })
  void warnsAboutACredentialInAFileOrRefusesIt(String input, CapturedOutput output)
      throws Exception {
    String[] words = input.split(" ");
    with("authentication", words[0]);
    with(words[3], "shop");
    Path file =
        Files.writeString(
            directory.resolve("application.properties"),
            "latchkey.vault.%s=canary".formatted(words[1]));
    environment
        .getPropertySources()
        .addLast(
            (OriginTrackedMapPropertySource)
                new PropertiesPropertySourceLoader()
                    .load("file", new FileSystemResource(file))
                    .get(0));

    Backend.create(environment).close();
    assertThat(output)
        .contains("latchkey.vault.%s stands in the clear".formatted(words[1]))
        .contains("LATCHKEY_VAULT_" + words[2])
        .doesNotContain("canary");

    with("require-external-credentials", "true");
    assertThatThrownBy(() -> Backend.create(environment))
        .isInstanceOf(LatchkeyException.class)
        .hasMessageContaining("latchkey.vault.require-external-credentials=true")
        .hasMessageNotContaining("canary");
  }

  @Test
  void takesTheApplicationsOwnLogin() {
    DefaultBootstrapContext bootstrap = new DefaultBootstrapContext();
    ClientAuthentication ofSpringCloud = () -> VaultToken.of("none-of-ours");
    bootstrap.register(ClientAuthentication.class, InstanceSupplier.of(ofSpringCloud));
    bootstrap.register(
        LoginFactory.class,
        InstanceSupplier.of(
            operations ->
                () ->
                    VaultToken.of(
                        String.valueOf(
                            operations.postForObject("auth/own/login", "{}", String.class)))));
    answers.put("/v1/auth/own/login", "own-token");

    try (Backend backend = Backend.create(environment, bootstrap)) {
      assertThat(backend.secrets().read("secret/db", null).orElseThrow().fields())
          .containsEntry("x", "read");
    }
    assertThat(tokens).containsOnly("own-token");
  }

  private String logsIn(String path) {
    answers.put(
        "/v1/auth/%s/login".formatted(path),
        """
        {"auth":{"client_token":"t","accessor":"a","lease_duration":0,"renewable":false}}
        """);
    read();
    return requests.stream()
        .filter(request -> request.startsWith("POST /v1/auth/%s/login".formatted(path)))
        .reduce((one, other) -> "logged in more than once")
        .orElseThrow();
  }

  private void read() {
    try (Backend backend = Backend.create(environment)) {
      assertThat(backend.secrets().read("secret/db", null).orElseThrow().fields())
          .containsEntry("x", "read");
    }
  }

  private String address() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  private void with(String name, String value) {
    environment.withProperty("latchkey.vault." + name, value);
  }
}
