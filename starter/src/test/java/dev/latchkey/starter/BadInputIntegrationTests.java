package dev.latchkey.starter;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.test.BaoServer;
import dev.latchkey.test.internal.ClassArchive;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What bad input gets, from the outside: one screen of text, exit code 1, at once; and nothing is
 * made, changed or lost.
 */
class BadInputIntegrationTests {

  /** Beside what the start of any application takes. */
  private static final long LIMIT_MILLIS = 5_000;

  private static ClassArchive archive;
  private static long usualStartMillis;

  private static final String CANARY = "canary-5d1e";
  private static final String ORDERS = "latchkey.keysets.orders.template=AES256_GCM";
  private static final String FILE = "latchkey.store.type=file";

  private final BaoServer server = BaoServer.shared();
  private String kv = "secret";
  private String transit = "transit";

  @TempDir Path directory;

  private BadInputProcess application;

  @BeforeAll
  static void measureAGoodStart(@TempDir Path directory) throws Exception {
    List<String> good = List.of("latchkey.store.type=memory", ORDERS);
    archive = BadInputProcess.archive(directory.toRealPath(), good);
    BadInputProcess.Result start = new BadInputProcess(archive, directory).run(good);
    assertThat(start.exitCode()).as(start.output()).isZero();
    usualStartMillis = start.milliseconds();
  }

  @BeforeEach
  void prepare() throws Exception {
    application = new BadInputProcess(archive, directory.toRealPath());
  }

  /**
   * One bad input.
   *
   * @param name what is bad
   * @param properties the lines of the application's properties
   * @param description what the report says, in part
   * @param action how it says to fix it, in part
   */
  private record Input(String name, List<String> properties, String description, String action) {

    @Override
    public String toString() {
      return name;
    }
  }

  /** A thing to do to what a good start left. */
  @FunctionalInterface
  private interface Spoil {
    void in(BadInputIntegrationTests test) throws Exception;
  }

  private record Spoiled(String name, Spoil spoil, String description, String action) {

    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Input> properties() {
    String field = "Field 'aead' of %s requires ".formatted(BadInputApplication.class.getName());
    String grammar =
        "Write a reference as vault@mount/path#field, such as vault@secret/orders-db#password";
    return Stream.of(
        new Input(
            "keyset name",
            List.of(FILE, "latchkey.keysets.order.template=AES256_GCM"),
            field + "the keyset 'orders', which is not configured",
            "Did you mean 'order'? If not, add the keyset: latchkey.keysets.orders.template="),
        new Input(
            "form of a keyset name",
            List.of(FILE, ORDERS, "latchkey.keysets.Order_Data.template=AES256_GCM"),
            "latchkey.keysets.Order_Data.template (URL [file:application.properties] - 3:38):"
                + " 'Order_Data' is not a valid name for a keyset",
            "Use lower-case words of letters and digits joined by single dashes"),
        new Input(
            "template",
            List.of(FILE, "latchkey.keysets.orders.template=AES256_GMC"),
            "There is no key template 'AES256_GMC'",
            "Did you mean 'AES256_GCM'?"),
        new Input(
            "primitive type",
            List.of(FILE, "latchkey.keysets.orders.template=ED25519"),
            field
                + "Aead of the keyset 'orders', but its template ED25519 provides only PublicKeySign"
                + " and PublicKeyVerify",
            "Inject PublicKeySign or PublicKeyVerify. For Aead, use another keyset"),
        new Input(
            "character of a reference",
            List.of(FILE, ORDERS, "app.password=${vault@secret/orders db#password}"),
            "Reference 'vault@secret/orders db#password' has an unexpected character U+0020 at"
                + " position 20",
            grammar),
        new Input(
            "start of a reference",
            List.of(FILE, ORDERS, "app.password=${vault:secret/orders-db#password}"),
            "Reference 'vault:secret/orders-db#password' does not start with 'vault@'",
            grammar),
        new Input(
            "reference without a field",
            List.of(FILE, ORDERS, "app.password=${vault@secret/orders-db}"),
            "ends unexpectedly",
            "Name the field."),
        new Input(
            "keyset and secret of one name",
            List.of(FILE, ORDERS, "latchkey.secrets.orders.reference=vault@secret/orders"),
            "A keyset and a secret have the same name: latchkey.keysets.orders.template (",
            "Rename one of them: both are injected by name."),
        new Input(
            "names that differ by dashes",
            List.of(
                FILE,
                ORDERS,
                "latchkey.keysets.order-data.template=AES256_GCM",
                "latchkey.keysets.orderdata.template=AES256_GCM"),
            "Two names differ only by dashes: latchkey.keysets.order-data.template (",
            "Rename one of them: environment variables cannot distinguish them."),
        new Input(
            "directory that cannot be written",
            List.of(FILE, ORDERS, "latchkey.store.file.directory=/sys/kernel/latchkey"),
            "The embedded store's directory /sys/kernel/latchkey is not writable",
            "Make it writable by the application's user, or set latchkey.store.file.directory"),
        new Input(
            "interval",
            List.of(FILE, ORDERS, "latchkey.refresh.interval=0s"),
            "Invalid latchkey.refresh.interval 'PT0S'",
            "Set it to a positive duration"),
        new Input(
            "kind of store",
            List.of("latchkey.store.type=valt", ORDERS),
            "Invalid latchkey.store.type 'valt'",
            "Set it to one of these, or add the module of another store"),
        new Input(
            "no store chosen where a profile is active",
            List.of(ORDERS, "spring.profiles.active=prod"),
            "the profile 'prod' is active",
            "latchkey.vault.uri=https://"),
        new Input(
            "form of a URL",
            List.of(
                ORDERS,
                "spring.application.name=shop",
                "latchkey.vault.token=" + CANARY,
                "latchkey.vault.uri=vault.example.org:8200"),
            "Invalid latchkey.vault.uri 'vault.example.org:8200'",
            "Set latchkey.vault.uri to the server's address"),
        new Input(
            "URL in the clear",
            List.of(
                ORDERS,
                "spring.application.name=shop",
                "latchkey.vault.token=" + CANARY,
                "latchkey.vault.uri=http://vault.example.org:8200"),
            "plain http would send tokens and secrets unencrypted",
            "Use https"),
        new Input(
            "no token",
            List.of(
                ORDERS, "spring.application.name=shop", "latchkey.vault.uri=http://127.0.0.1:1"),
            "No token is configured for the login to Vault",
            "LATCHKEY_VAULT_TOKEN"),
        new Input(
            "server that is down",
            List.of(
                ORDERS,
                "spring.application.name=shop",
                "latchkey.vault.token=" + CANARY,
                "latchkey.vault.uri=http://127.0.0.1:1"),
            "Vault at http://127.0.0.1:1 is not reachable: connection refused",
            "Check latchkey.vault.uri, that the server is running"));
  }

  @ParameterizedTest
  @MethodSource("properties")
  void failsBeforeCreatingAnythingWhenAPropertyIsInvalid(Input input) throws Exception {
    fails(input.properties, input.description, input.action);

    assertThat(application.files()).isEmpty();
  }

  static Stream<Spoiled> embeddedStores() {
    return Stream.of(
        new Spoiled(
            "directory open to others",
            test -> mode(test.store(), "rwxr-xr-x"),
            "The embedded store at {store} is accessible to other users: {store} has mode rwxr-xr-x",
            "chmod -R go-rwx {store}"),
        new Spoiled(
            "file open to others",
            test -> mode(test.store().resolve("store"), "rw-r--r--"),
            "{store}/store has mode rw-r--r--",
            "chmod -R go-rwx {store}"),
        new Spoiled(
            "empty file",
            test -> Files.write(test.store().resolve("store"), new byte[0]),
            "{store}/store is empty",
            "Restore an earlier copy of the directory. Nothing was changed."),
        new Spoiled(
            "truncated file",
            test -> test.change(bytes -> Arrays.copyOf(bytes, bytes.length - 1)),
            "{store}/store is damaged",
            "Restore an earlier copy of the directory. Nothing was changed."),
        new Spoiled(
            "corrupt file",
            test ->
                test.change(
                    bytes -> {
                      bytes[bytes.length / 2] ^= 1;
                      return bytes;
                    }),
            "{store}/store is damaged",
            "Restore an earlier copy of the directory. Nothing was changed."),
        new Spoiled(
            "foreign file",
            test -> Files.writeString(test.store().resolve("store"), "{\"keys\": []}"),
            "{store}/store is not an embedded store of Latchkey",
            "Restore an earlier copy of the directory. Nothing was changed."),
        new Spoiled(
            "missing key",
            test -> Files.delete(test.keyFile()),
            "The embedded store at {store} cannot be opened: its key is not at {key}",
            "Restore the key file"));
  }

  @ParameterizedTest
  @MethodSource("embeddedStores")
  void changesNothingWhenAnEmbeddedStoreIsInvalid(Spoiled spoiled) throws Exception {
    List<String> properties = List.of(FILE, ORDERS);
    assertThat(application.run(properties).exitCode()).isZero();
    Path key = keyFile();
    spoiled.spoil.in(this);
    Map<String, String> before = application.files();

    fails(properties, here(spoiled.description, key), here(spoiled.action, key));

    assertThat(application.files()).isEqualTo(before);
  }

  /**
   * One bad input on a real server, where {@code {kv}} and {@code {transit}} are its mounts.
   *
   * @param spoil what is done after a good start, or null for a server without keysets
   * @param policy that of the token, or null for root's
   */
  private record OnServer(
      String name,
      @Nullable Spoil spoil,
      @Nullable String policy,
      List<String> properties,
      String description,
      String action) {

    static OnServer with(String name, String property, String description, String action) {
      return new OnServer(name, null, null, List.of(property), description, action);
    }

    static OnServer after(String name, Spoil spoil, String description, String action) {
      return new OnServer(name, spoil, null, List.of(), description, action);
    }

    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<OnServer> servers() {
    String document = "{kv}/latchkey/shop/orders";
    String restore = "Nothing was overwritten: restore the document of keyset shop/orders";
    return Stream.of(
        OnServer.with(
            "mount of a reference",
            "app.password=${vault@no-such/orders-db#password}",
            "has no secrets engine at no-such/orders-db",
            "Correct the mount, which is the first part of the path"),
        OnServer.with(
            "path of a reference",
            "app.password=${vault@{kv}/order-db#password}",
            "Origin: URL [file:application.properties] - 8:14",
            "Write it: `vault kv put {kv}/order-db password=...`. Or let Latchkey generate it at"
                + " first startup: ${vault@{kv}/order-db?generate=32#password}"),
        OnServer.with(
            "field of a reference",
            "app.password=${vault@{kv}/orders-db#pasword}",
            "{kv}/orders-db in Vault at {uri} has no field 'pasword' (found password)",
            "Did you mean 'password'? Write it: `vault kv patch {kv}/orders-db pasword=...`."),
        OnServer.with(
            "value without text",
            "app.password=${vault@{kv}/nested#password}",
            "'vault@{kv}/nested#password' is a nested object, not a text",
            "Write field 'password' of {kv}/nested as a string, a number or a boolean."),
        OnServer.with(
            "token",
            "latchkey.vault.token=hvs." + CANARY,
            "Vault at {uri} rejected the token: it is mistyped, expired or revoked",
            "Provide a valid token"),
        OnServer.with(
            "mount of the keysets",
            "latchkey.store.vault.mount=no-such",
            "Cannot read no-such/latchkey/shop/orders: Vault at {uri} has no secrets engine at",
            "vault secrets enable -path=no-such -version=2 kv"),
        OnServer.with(
            "mount of the Transit engine",
            "latchkey.store.vault.transit-mount=no-such",
            "has no secrets engine at no-such/decrypt/latchkey.shop.orders",
            "vault secrets enable -path=no-such transit"),
        OnServer.with(
            "keyset that may not be made",
            "latchkey.keysets.orders.create=never",
            "Keyset orders does not exist at " + document,
            "Start the application once with create=if-absent"),
        OnServer.with(
            "propagation that does not reach every instance",
            "latchkey.keysets.orders.rotation.propagation=1h",
            "rotation.propagation is PT1H, but must be at least PT12H20M = max(max-staleness PT12H"
                + " + drain PT10M",
            "Raise rotation.propagation of the keyset"),
        OnServer.with(
            "period that is shorter than the propagation",
            "latchkey.keysets.orders.rotation.period=20h",
            "latchkey.keysets.orders.rotation.period (PT20H) is shorter than the propagation (PT24H)",
            "lengthen the period"),
        new OnServer(
            "Transit key that may not be made",
            null,
            """
            path "{kv}/data/latchkey/shop/orders" { capabilities = ["create", "read", "update"] }
            path "{transit}/encrypt/latchkey.shop.orders" { capabilities = ["update"] }
            path "{transit}/decrypt/latchkey.shop.orders" { capabilities = ["update"] }
            path "{kv}/data/latchkey/shop/receipts" { capabilities = ["read"] }
            """,
            List.of(),
            "The Transit key {transit}/latchkey.shop.orders does not exist in Vault at {uri}, and the"
                + " application may not create it",
            "Create it as an operator:\n  vault write -f {transit}/keys/latchkey.shop.orders"),
        new OnServer(
            "denied reference",
            null,
            "path \"{kv}/data/latchkey/*\" { capabilities = [\"read\"] }",
            List.of("app.password=${vault@{kv}/orders-db#password:fallback}"),
            "Cannot read {kv}/orders-db: permission denied by Vault at {uri}",
            "path \"{kv}/data/orders-db\" { capabilities = [\"read\"] }"),
        new OnServer(
            "denied document",
            null,
            "path \"{kv}/data/orders-db\" { capabilities = [\"read\"] }",
            List.of(),
            "Cannot read " + document + ": permission denied by Vault at {uri}",
            "path \"{kv}/data/latchkey/shop/orders\" { capabilities = [\"read\"] }"),
        OnServer.after(
            "empty document", test -> test.replaceDocument(""), document + " is empty", restore),
        OnServer.after(
            "corrupt document",
            test -> test.replaceDocument("!" + test.document("orders").substring(1)),
            document + " is not canonical Base64",
            restore),
        OnServer.after(
            "truncated document",
            test -> test.replaceDocument(test.document("orders").substring(0, 16)),
            document + " is truncated",
            restore),
        OnServer.after(
            "another keyset's document",
            test -> test.replaceDocument(test.document("receipts")),
            document + " does not open as generation 2 of keyset shop/orders",
            "It was changed, moved, renamed or rolled back"),
        OnServer.after(
            "something else in the document's place",
            test -> test.write("latchkey/shop/orders", Map.of("user", "x", "password", CANARY)),
            document + " in Vault at {uri} is not a keyset document",
            "Something else was written to this path, which Latchkey does not overwrite. Move it"),
        OnServer.after(
            "deleted document",
            test -> test.server.delete(test.kv + "/data/latchkey/shop/orders"),
            "Version 1 of " + document + " is deleted in Vault at {uri}",
            "vault kv undelete -mount={kv} -versions=1 latchkey/shop/orders"),
        OnServer.after(
            "Transit key that is gone",
            BadInputIntegrationTests::deleteTransitKey,
            "The Transit key {transit}/latchkey.shop.orders does not exist in Vault at {uri}",
            "restore a backup of the server: a new key decrypts nothing"));
  }

  @ParameterizedTest
  @MethodSource("servers")
  void changesNothingWhenTheServerRefuses(OnServer input) throws Exception {
    mountEngines();
    List<String> properties = new ArrayList<>(onServer(server.uri(), server.rootToken()));
    if (input.spoil != null) {
      assertThat(application.run(properties).exitCode()).isZero();
      input.spoil.in(this);
    }
    if (input.policy != null) {
      properties.add("latchkey.vault.token=" + server.token(server.policy(here(input.policy))));
    }
    input.properties.forEach(property -> properties.add(here(property)));
    Map<String, String> before = held();

    fails(properties, here(input.description), here(input.action));

    assertThat(held()).isEqualTo(before);
    assertThat(application.files()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 40})
  void failsInTimeWhenTheServerHangs(int references) throws Exception {
    try (BaoServer hanging = BaoServer.start()) {
      List<String> properties = new ArrayList<>(onServer(hanging.uri(), hanging.rootToken()));
      IntStream.range(0, references)
          .forEach(i -> properties.add("app.x%1$d=${vault@secret/p%1$d#x:fallback}".formatted(i)));
      hanging.pause();

      fails(
          properties,
          "Vault at %s is not reachable: response timed out".formatted(hanging.uri()),
          "latchkey.vault.read-timeout sets the timeout");
    }
  }

  @Test
  void failsWhenTheServerIsSealed() throws Exception {
    try (BaoServer sealed = BaoServer.start()) {
      sealed.seal();

      fails(
          onServer(sealed.uri(), sealed.rootToken()),
          "Vault at %s is unavailable: sealed".formatted(sealed.uri()),
          "Unseal it: `vault operator unseal`.");
    }
  }

  private void mountEngines() {
    kv = server.mountKv(2);
    transit = server.mountTransit();
    write("orders-db", Map.of("password", CANARY));
    write("nested", Map.of("password", Map.of("of", CANARY)));
  }

  private List<String> onServer(URI uri, String token) {
    return List.of(
        ORDERS,
        "latchkey.keysets.receipts.template=AES256_GCM",
        "spring.application.name=shop",
        "latchkey.vault.uri=" + uri,
        "latchkey.store.vault.mount=" + kv,
        "latchkey.store.vault.transit-mount=" + transit,
        "latchkey.vault.token=" + token);
  }

  private void write(String path, Map<String, ?> fields) {
    server.post(kv + "/data/" + path, Map.of("data", fields));
  }

  private String document(String keyset) {
    return server.get(kv + "/data/latchkey/shop/" + keyset).at("/data/data/document").stringValue();
  }

  private void replaceDocument(String content) {
    write("latchkey/shop/orders", Map.of("document", content));
  }

  private void deleteTransitKey() {
    String key = transit + "/keys/latchkey.shop.orders";
    server.post(key + "/config", Map.of("deletion_allowed", true));
    server.delete(key);
  }

  /** Versions and states of all documents, and the names of all Transit keys. */
  private Map<String, String> held() {
    Map<String, String> held = new TreeMap<>();
    collect("", held);
    held.put("keys", list(transit + "/keys").toString());
    return held;
  }

  private void collect(String folder, Map<String, String> held) {
    for (JsonNode entry : list(kv + "/metadata/" + folder)) {
      String path = folder + entry.stringValue();
      if (path.endsWith("/")) {
        collect(path, held);
      } else {
        held.put(path, server.get(kv + "/metadata/" + path).at("/data/versions").toString());
      }
    }
  }

  private JsonNode list(String path) {
    HttpResponse<String> answer = server.exchange(server.rootToken(), "LIST", path, null);
    return JsonMapper.shared().readTree(answer.body()).at("/data/keys");
  }

  private String here(String text) {
    return text.replace("{kv}", kv)
        .replace("{transit}", transit)
        .replace("{uri}", server.uri().toString());
  }

  private String here(String text, Path key) {
    return text.replace("{store}", store().toString()).replace("{key}", key.toString());
  }

  private Path store() {
    return application.work().resolve(".latchkey");
  }

  private Path keyFile() throws Exception {
    try (Stream<Path> keys = Files.list(directory.toRealPath().resolve("home/.config/latchkey"))) {
      return keys.findFirst().orElseThrow();
    }
  }

  private void change(UnaryOperator<byte[]> change) throws Exception {
    Path file = store().resolve("store");
    Files.write(file, change.apply(Files.readAllBytes(file)));
  }

  private static void mode(Path path, String mode) throws Exception {
    Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(mode));
  }

  private void fails(List<String> properties, String description, String action) throws Exception {
    BadInputProcess.Result result = application.run(properties);

    assertThat(result.exitCode()).as(result.output()).isEqualTo(1);
    assertThat(result.description()).contains(description);
    assertThat(result.action()).contains(action);
    assertThat(result.output()).doesNotContain("\tat ").doesNotContain(CANARY);
    assertThat(result.output().lines()).hasSizeLessThan(50);
    assertThat(result.milliseconds()).isLessThan(usualStartMillis + LIMIT_MILLIS);
  }
}
