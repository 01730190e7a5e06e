package dev.latchkey.vault.internal.login;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;
import static org.awaitility.Awaitility.await;

import com.google.api.gax.httpjson.InstantiatingHttpJsonChannelProvider;
import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpServer;
import dev.latchkey.LatchkeyException;
import dev.latchkey.store.Backend;
import dev.latchkey.vault.LoginFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPairGenerator;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import java.util.stream.Stream;
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
import org.springframework.core.env.SystemEnvironmentPropertySource;
import org.springframework.core.io.FileSystemResource;
import org.springframework.mock.env.MockEnvironment;
import org.springframework.vault.authentication.ClientAuthentication;
import org.springframework.vault.support.VaultToken;
import tools.jackson.databind.json.JsonMapper;

/** Methods of logging in that need a platform, and what each of them says where it lacks a part. */
@ExtendWith(OutputCaptureExtension.class)
final class VaultLoginTests {

  private final Map<String, String> answers = new ConcurrentHashMap<>();
  private final List<String> requests = new CopyOnWriteArrayList<>();
  private final Map<String, Headers> headers = new ConcurrentHashMap<>();
  private final Set<String> tokens = ConcurrentHashMap.newKeySet();
  private final MockEnvironment environment = new MockEnvironment();
  private final DefaultBootstrapContext bootstrap = new DefaultBootstrapContext();
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
            headers.put(path, exchange.getRequestHeaders());
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
    assertThat(header("/document", "X-aws-ec2-metadata-token")).isEqualTo("imds");
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

      String body = logsIn("aws");

      assertThat(body)
          .contains("\"role\":\"shop\"", "\"iam_http_request_method\":\"POST\"")
          .doesNotContain("canary-key");
      assertThat(decoded(body, "iam_request_url"))
          .isEqualTo("https://sts.eu-west-1.amazonaws.com/");
      assertThat(decoded(body, "iam_request_body"))
          .isEqualTo("Action=GetCallerIdentity&Version=2011-06-15");
      assertThat(decoded(body, "iam_request_headers"))
          .contains("vault.example.org")
          .containsPattern(
              "AWS4-HMAC-SHA256 Credential=AKIA0/[0-9]{8}/eu-west-1/sts/aws4_request,"
                  + " SignedHeaders=[a-z0-9;-]*x-vault-aws-iam-server-id[a-z0-9;-]*,"
                  + " Signature=[0-9a-f]{64}")
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

    assertThat(logsIn("azure"))
        .contains(
            "\"role\":\"shop\"",
            "\"jwt\":\"azure-jwt\"",
            "\"subscription_id\":\"s\"",
            "\"resource_group_name\":\"g\"",
            "\"vm_name\":\"vm\"");
    assertThat(header("/identity", "Metadata")).isEqualTo("true");
  }

  /** The metadata server has a fixed name: the platform's answer comes by way of a proxy. */
  @Test
  void logsInAsAComputeEngineInstance() {
    String identity = "/computeMetadata/v1/instance/service-accounts/default/identity";
    answers.put(identity, "google-jwt");
    with("authentication", "gcp-gce");
    with("gcp-gce.role", "shop");
    System.setProperty("http.proxyHost", "127.0.0.1");
    System.setProperty("http.proxyPort", String.valueOf(server.getAddress().getPort()));
    try {
      assertThat(logsIn("gcp")).contains("\"role\":\"shop\"", "\"jwt\":\"google-jwt\"");
    } finally {
      System.clearProperty("http.proxyHost");
      System.clearProperty("http.proxyPort");
    }
    assertThat(header(identity, "Metadata-Flavor")).isEqualTo("Google");
  }

  @Test
  void logsInAsAServiceAccountOfGoogleCloud() throws Exception {
    String account = "shop@project.iam.gserviceaccount.com";
    String signing = "/v1/projects/-/serviceAccounts/%s:signJwt".formatted(account);
    answers.put(signing, "{\"keyId\":\"k\",\"signedJwt\":\"google-jwt\"}");
    logInWithGoogles(serviceAccount(account));

    assertThat(logsIn("gcp")).contains("\"role\":\"shop\"", "\"jwt\":\"google-jwt\"");
    assertThat(requests)
        .filteredOn(request -> request.startsWith("POST " + signing))
        .singleElement(STRING)
        .contains("\\\"sub\\\":\\\"" + account, "\\\"aud\\\":\\\"vault/shop", "\\\"exp\\\":");
    assertThat(header(signing, "Authorization")).startsWith("Bearer ");
  }

  @Test
  void saysThatGoogleCloudDoesNotSign() throws Exception {
    logInWithGoogles(serviceAccount("shop@project.iam.gserviceaccount.com"));

    assertThatThrownBy(this::read)
        .asInstanceOf(InstanceOfAssertFactories.type(LatchkeyException.class))
        .satisfies(
            failure -> {
              assertThat(failure)
                  .hasMessage(
                      "Google Cloud does not sign for the service account that is to log in to"
                          + " Vault (NOT_FOUND)");
              assertThat(failure.action()).contains("iam.serviceAccounts.signJwt");
            });
  }

  @Test
  void saysThatCredentialsOfGoogleCloudNameNoServiceAccount() throws Exception {
    logInWithGoogles(
        "{\"type\":\"authorized_user\",\"client_id\":\"1\",\"client_secret\":\"canary-key\","
            + "\"refresh_token\":\"canary-token\"}");

    assertThatThrownBy(this::read)
        .asInstanceOf(InstanceOfAssertFactories.type(LatchkeyException.class))
        .satisfies(
            failure -> {
              assertThat(failure)
                  .hasMessage(
                      "The credentials of Google Cloud name no service account to log in to Vault"
                          + " as");
              assertThat(failure.action()).contains("latchkey.vault.gcp-iam.service-account-id");
            });
  }

  private void logInWithGoogles(String credentials) throws Exception {
    Path file = Files.writeString(directory.resolve("google.json"), credentials);
    VaultLoginProperties.GcpIam properties =
        new VaultLoginProperties.GcpIam(
            "shop",
            null,
            Duration.ofMinutes(15),
            new VaultLoginProperties.GcpCredentials("file:" + file, null),
            "gcp");
    LoginFactory login =
        operations ->
            GcpIamLogin.with(
                properties,
                "shop",
                operations,
                InstantiatingHttpJsonChannelProvider.newBuilder().setEndpoint(address()).build());
    bootstrap.register(LoginFactory.class, InstanceSupplier.of(login));
  }

  private String serviceAccount(String name) throws Exception {
    KeyPairGenerator keys = KeyPairGenerator.getInstance("RSA");
    keys.initialize(2048);
    String key =
        Base64.getEncoder().encodeToString(keys.generateKeyPair().getPrivate().getEncoded());
    return JsonMapper.shared()
        .writeValueAsString(
            Map.of(
                "type", "service_account",
                "project_id", "project",
                "private_key_id", "k",
                "private_key",
                    "-----BEGIN PRIVATE KEY-----\n%s\n-----END PRIVATE KEY-----\n".formatted(key),
                "client_email", name,
                "client_id", "1",
                "token_uri", address() + "/token"));
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
    withFile("latchkey.vault.%s=canary".formatted(words[1]));

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

  @ParameterizedTest
  @ValueSource(
      strings = {
        "token token-file=/run/token",
        "approle app-role.role-id=r app-role.secret-id-file=/run/secret-id",
        "approle app-role.role-id=r token=wrapping",
        "cubbyhole token=wrapping",
        "kubernetes kubernetes.role=r",
        "jwt jwt.token-file=/run/jwt",
        "github github.token-file=/run/github",
        "gcp-iam gcp-iam.role=r gcp-iam.credentials.location=file:/run/google.json",
        "aws-iam aws-iam.region=eu-west-1",
        "azure-msi azure-msi.role=r"
      })
  void passesWhatStandsOutsideWhereThatIsRequired(String input, CapturedOutput output)
      throws Exception {
    String[] words = input.split(" ");
    withFile(
        Stream.concat(
                Stream.of("authentication=" + words[0], "require-external-credentials=true"),
                Stream.of(words).skip(1))
            .map("latchkey.vault."::concat)
            .collect(Collectors.joining("\n")));

    Backend.create(environment).close();

    assertThat(output).doesNotContain("in the clear");
  }

  @Test
  void passesATokenOfThePlatformsEnvironment(CapturedOutput output) {
    with("require-external-credentials", "true");
    environment
        .getPropertySources()
        .addLast(
            new SystemEnvironmentPropertySource(
                "systemEnvironment", Map.of("LATCHKEY_VAULT_TOKEN", "t")));

    read();

    assertThat(tokens).containsOnly("t");
    assertThat(output).doesNotContain("in the clear");
  }

  private void withFile(String text) throws Exception {
    Path file = Files.writeString(directory.resolve("application.properties"), text);
    environment
        .getPropertySources()
        .addLast(
            (OriginTrackedMapPropertySource)
                new PropertiesPropertySourceLoader()
                    .load("file", new FileSystemResource(file))
                    .get(0));
  }

  @Test
  void takesTheApplicationsOwnLogin() {
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

  /** Logs in, reads with the token that this gave, and renews it; what was sent to log in. */
  private String logsIn(String path) {
    String login = "/v1/auth/%s/login".formatted(path);
    String renewal = "/v1/auth/token/renew-self";
    String token =
        "{\"auth\":{\"client_token\":\"t\",\"accessor\":\"a\",\"lease_duration\":1,\"renewable\":true}}";
    answers.put(login, token);
    answers.put(renewal, token);
    try (Backend backend = Backend.create(environment, bootstrap)) {
      assertThat(backend.secrets().read("secret/db", null).orElseThrow().fields())
          .containsEntry("x", "read");
      await().until(() -> headers.containsKey(renewal));
    }
    assertThat(tokens).containsOnly("t");
    return requests.stream()
        .filter(request -> request.startsWith("POST " + login))
        .reduce((one, other) -> "logged in more than once")
        .orElseThrow();
  }

  private static String decoded(String request, String field) {
    String body = request.substring(request.indexOf('{'));
    return new String(
        Base64.getDecoder().decode(JsonMapper.shared().readTree(body).path(field).stringValue()),
        UTF_8);
  }

  private String header(String path, String name) {
    return String.valueOf(headers.get(path).getFirst(name));
  }

  private void read() {
    try (Backend backend = Backend.create(environment, bootstrap)) {
      backend.secrets().read("secret/db", null);
    }
  }

  private String address() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  private void with(String name, String value) {
    environment.withProperty("latchkey.vault." + name, value);
  }
}
