package dev.latchkey.hikari;

import static dev.latchkey.hikari.PoolApplication.await;
import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.test.BaoCluster;
import dev.latchkey.test.BaoServer;
import dev.latchkey.test.TcpProxy;
import dev.latchkey.test.internal.database.DatabaseSecrets;
import dev.latchkey.test.internal.database.PostgresServer;
import dev.latchkey.test.internal.database.TableReaders;
import dev.latchkey.test.internal.database.Transactions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.springframework.boot.logging.LoggingSystem;

/**
 * Four threads read a table while the user or the password of their pool changes, and while the
 * server that changes them is in trouble: not one read may fail. A revoked token takes its leases
 * with it: there, reads may fail for less than two seconds.
 *
 * <p>All cases run side by side. By default they are short; {@code -Plong-pools} makes them as long
 * as those that other libraries were measured with.
 */
class PoolRotationIntegrationTests {

  private static final boolean LONG = Boolean.getBoolean("latchkey.pools.long");

  private static final Duration TTL = seconds(3, 5);
  private static final Duration MAX_TTL = seconds(9, 20);
  private static final Duration LONGER_TTL = seconds(8, 20);
  private static final Duration LONGER_MAX_TTL = seconds(24, 40);
  private static final Duration OUTAGE_TTL = seconds(12, 30);
  private static final Duration TOKEN_TTL = seconds(9, 20);
  private static final Duration TRANSACTION = seconds(1, 5);
  private static final Duration DRAIN = seconds(2, 5);
  private static final Duration TROUBLE = seconds(4, 10);
  private static final Duration SEALED = seconds(4, 20);
  private static final Duration WINDOW = seconds(0, 110);
  private static final int ROTATIONS = 3;

  private static final Duration GOAL = Duration.ofSeconds(2);

  private final PostgresServer database = PostgresServer.shared();
  private final BaoServer server = BaoServer.shared();
  private final DatabaseSecrets secrets = DatabaseSecrets.mount(server, database);

  private static Duration seconds(int briefly, int longer) {
    return Duration.ofSeconds(LONG ? longer : briefly);
  }

  @BeforeAll
  static void haveNoLoggingSystem() {
    // there is one in a JVM, and applications that start at once would fight for it
    System.setProperty(LoggingSystem.SYSTEM_PROPERTY, LoggingSystem.NONE);
  }

  @AfterAll
  static void haveOneAgain() {
    System.clearProperty(LoggingSystem.SYSTEM_PROPERTY);
  }

  @TestFactory
  Stream<DynamicTest> readsTheTable() {
    Stream<Case> cases =
        Stream.of(
            new Case("while users are replaced", this::usersReplaced),
            new Case("in transactions that are open meanwhile", this::transactions),
            new Case("while the password of a static role changes", this::passwordsChanged),
            new Case("while the server is killed and sealed for a time", this::killedAndSealed),
            new Case("while the network is cut", this::networkCut),
            new Case("while the server hangs", this::serverHangs),
            new Case("while tokens end that cannot be renewed", this::tokensEnd),
            new Case("while tokens in a file end", this::tokensInFileEnd),
            new Case("when the server is unsealed after the start", this::unsealedLater),
            new Case("after a KV value changed", this::keyValueChanged));
    Stream<Case> longer =
        Stream.of(new Case("while users are replaced that live longer", this::longerUsersReplaced));
    return sideBySide(Stream.concat(cases, LONG ? longer : Stream.empty()).toList());
  }

  /** By itself, since the time is measured. */
  @Test
  void readsTheTableAgainWhenTheTokenWasRevoked() {
    AppRole role = new AppRole(Duration.ofHours(1));
    try (PoolApplication application =
            start(secrets.role(Duration.ofHours(1), Duration.ofHours(24)), role.properties());
        TableReaders readers = TableReaders.start(application.pool())) {
      awaitReads(readers);
      role.revokeTokens();
      application.awaitRotations(1);
      pass(GOAL);
      long failed = readers.report().failures();
      long goal = readers.report().reads() + 400;
      await("reads", () -> readers.report().reads() > goal);
      measured("token revoked", readers, application);
      assertThat(readers.report().failures()).isEqualTo(failed);
      assertThat(readers.report().dead()).isLessThan(GOAL);
    }
  }

  private void usersReplaced() {
    replace("users replaced", secrets.role(TTL, MAX_TTL));
  }

  private void longerUsersReplaced() {
    replace("longer users replaced", secrets.role(LONGER_TTL, LONGER_MAX_TTL));
  }

  private void replace(String name, String path) {
    try (PoolApplication application = start(path, "latchkey.datasource.drain=1s");
        TableReaders readers = TableReaders.start(application.pool())) {
      awaitRotations(application);
      assertNoneFailed(name, readers, application);
    }
  }

  private void transactions() {
    String path = secrets.role(TTL, MAX_TTL);
    try (PoolApplication application =
            start(path, "latchkey.datasource.drain=" + DRAIN.toSeconds() + "s");
        Transactions transactions = Transactions.start(application.pool(), TRANSACTION)) {
      awaitRotations(application);
      transactions.close();
      System.out.printf(
          "MEASURED transactions: %d, failed %d%n",
          transactions.committed(), transactions.failures().size());
      assertThat(transactions.failures()).isEmpty();
      assertThat(transactions.committed()).isGreaterThan(2 * ROTATIONS);
    }
  }

  private void passwordsChanged() {
    String path = secrets.staticRole(DatabaseSecrets.SHORTEST_ROTATION_PERIOD);
    try (PoolApplication application = start(path, "latchkey.datasource.drain=1s")) {
      secrets.rotate(path); // between the read and the first connection
      try (TableReaders readers = TableReaders.start(application.pool())) {
        awaitRotations(application);
        assertNoneFailed("passwords changed", readers, application);
      }
    }
  }

  private void killedAndSealed() {
    try (BaoCluster one = BaoCluster.ofOne()) {
      BaoServer own = one.active();
      String path =
          DatabaseSecrets.mount(own, database).role(OUTAGE_TTL, OUTAGE_TTL.multipliedBy(4));
      try (PoolApplication application = start(own, own.uri(), path);
          TableReaders readers = TableReaders.start(application.pool())) {
        awaitReads(readers);
        own.close();
        BaoServer restarted = one.restartSealed(own);
        pass(SEALED);
        restarted.unseal();
        pass(OUTAGE_TTL);
        assertNoneFailed("killed and sealed", readers, application);
      }
    }
  }

  private void networkCut() {
    try (TcpProxy network = TcpProxy.before(server.uri().getPort());
        PoolApplication application =
            start(
                server,
                URI.create("http://127.0.0.1:" + network.port()),
                secrets.role(LONGER_TTL, LONGER_MAX_TTL));
        TableReaders readers = TableReaders.start(application.pool())) {
      awaitReads(readers);
      network.cut();
      pass(TROUBLE);
      network.join();
      pass(LONGER_TTL);
      assertNoneFailed("network cut", readers, application);
    }
  }

  private void serverHangs() {
    try (BaoServer own = BaoServer.start()) {
      String path = DatabaseSecrets.mount(own, database).role(LONGER_TTL, LONGER_MAX_TTL);
      try (PoolApplication application = start(own, own.uri(), path);
          TableReaders readers = TableReaders.start(application.pool())) {
        awaitReads(readers);
        own.pause();
        pass(TROUBLE);
        own.resume();
        pass(LONGER_TTL);
        assertNoneFailed("server hangs", readers, application);
      }
    }
  }

  private void tokensEnd() {
    AppRole role = new AppRole(TOKEN_TTL);
    try (PoolApplication application =
            start(secrets.role(LONGER_TTL, LONGER_MAX_TTL), role.properties());
        TableReaders readers = TableReaders.start(application.pool())) {
      awaitRotations(application);
      assertNoneFailed("tokens end", readers, application);
    }
  }

  private void tokensInFileEnd() {
    try (TokenFile tokens = new TokenFile();
        PoolApplication application =
            PoolApplication.start(
                server.uri(),
                database,
                secrets.role(LONGER_TTL, LONGER_MAX_TTL),
                "latchkey.vault.token-file=" + tokens.file);
        TableReaders readers = TableReaders.start(application.pool())) {
      awaitRotations(application, 2);
      assertNoneFailed("tokens in a file end", readers, application);
    }
  }

  private void unsealedLater() {
    try (BaoServer own = BaoServer.start()) {
      String path = DatabaseSecrets.mount(own, database).role(LONGER_TTL, LONGER_MAX_TTL);
      own.seal();
      CompletableFuture<PoolApplication> starting =
          CompletableFuture.supplyAsync(
              () ->
                  start(
                      own,
                      own.uri(),
                      path,
                      "latchkey.vault.retry.interval=200ms",
                      "latchkey.vault.retry.total=60s"));
      pass(TROUBLE);
      assertThat(starting).isNotDone();
      own.unseal();
      try (PoolApplication application = starting.join();
          TableReaders readers = TableReaders.start(application.pool())) {
        awaitReads(readers);
        assertNoneFailed("unsealed later", readers, application);
      }
    }
  }

  private void keyValueChanged() {
    String mount = server.mountKv(2);
    newUser(mount, "first");
    try (PoolApplication application =
            start(mount + "/db", "latchkey.refresh.interval=1s", "latchkey.datasource.drain=1s");
        TableReaders readers = TableReaders.start(application.pool())) {
      awaitReads(readers);
      for (String name : List.of("second", "third", "fourth")) {
        long written = System.nanoTime();
        String user = newUser(mount, name);
        await(user, () -> user.equals(application.secret().get("username")));
        long seen = System.nanoTime();
        await("reads by " + user, () -> user.equals(TableReaders.user(application.pool())));
        System.out.printf(
            "MEASURED KV value seen after %d ms, pool uses it after %d ms%n",
            (seen - written) / 1_000_000, (System.nanoTime() - written) / 1_000_000);
      }
      assertNoneFailed("KV value changed", readers, application);
    }
  }

  private String newUser(String mount, String name) {
    String user = mount + name;
    database.execute(
        "CREATE ROLE %s LOGIN PASSWORD '%s' IN ROLE %s"
            .formatted(user, name, PostgresServer.READERS));
    server.post(mount + "/data/db", Map.of("data", Map.of("username", user, "password", name)));
    return user;
  }

  private PoolApplication start(String path, String... properties) {
    return start(server, server.uri(), path, properties);
  }

  private PoolApplication start(BaoServer server, URI address, String path, String... properties) {
    List<String> all = new ArrayList<>(List.of(properties));
    all.add("latchkey.vault.token=" + server.rootToken());
    return PoolApplication.start(address, database, path, all.toArray(String[]::new));
  }

  private static void awaitReads(TableReaders readers) {
    await("reads", () -> readers.report().reads() > 100);
  }

  private static void awaitRotations(PoolApplication application) {
    awaitRotations(application, ROTATIONS);
  }

  private static void awaitRotations(PoolApplication application, int count) {
    long begun = System.nanoTime();
    await(
        "rotations",
        Duration.ofMinutes(3),
        () -> application.rotations() >= count && System.nanoTime() - begun > WINDOW.toNanos());
  }

  private static void pass(Duration time) {
    long begun = System.nanoTime();
    await("time", time.plusSeconds(10), () -> System.nanoTime() - begun > time.toNanos());
  }

  private static void assertNoneFailed(
      String name, TableReaders readers, PoolApplication application) {
    measured(name, readers, application);
    assertThat(readers.report().failures()).as(readers.report().toString()).isZero();
  }

  private static void measured(String name, TableReaders readers, PoolApplication application) {
    System.out.printf(
        "MEASURED %s: %d rotations, %s%n", name, application.rotations(), readers.report());
  }

  private static Stream<DynamicTest> sideBySide(List<Case> cases) {
    ExecutorService executor = Executors.newFixedThreadPool(cases.size());
    List<Future<?>> running =
        cases.stream().<Future<?>>map(each -> executor.submit(each.run)).toList();
    executor.shutdown();
    return Stream.iterate(0, i -> i + 1)
        .limit(cases.size())
        .map(i -> DynamicTest.dynamicTest(cases.get(i).name, () -> running.get(i).get()));
  }

  private record Case(String name, Runnable run) {}

  private String policy() {
    return server.policy(
        """
        path "%s/*" { capabilities = ["read"] }
        path "sys/leases/renew" { capabilities = ["update"] }
        path "sys/leases/revoke" { capabilities = ["update"] }
        """
            .formatted(secrets.mount()));
  }

  /** Holds a token that cannot be renewed, and another one before that ends: what an agent does. */
  private final class TokenFile implements AutoCloseable {

    private static final Duration TTL = seconds(15, 20);

    private final String policy = policy();
    private final Path file;
    private final ScheduledExecutorService agent = Executors.newScheduledThreadPool(1);

    TokenFile() {
      try {
        file = Files.createTempFile("token", "");
      } catch (IOException ex) {
        throw new UncheckedIOException(ex);
      }
      write();
      long share = TTL.toMillis() / 5;
      agent.scheduleAtFixedRate(this::write, share, share, TimeUnit.MILLISECONDS);
    }

    private void write() {
      Map<String, ?> wanted =
          Map.of("policies", List.of(policy), "renewable", false, "ttl", TTL.toSeconds() + "s");
      try {
        Path next = Files.createTempFile("token", "");
        Files.writeString(
            next, server.post("auth/token/create", wanted).at("/auth/client_token").stringValue());
        Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
      } catch (IOException ex) {
        throw new UncheckedIOException(ex);
      }
    }

    @Override
    public void close() {
      agent.shutdownNow();
      try {
        Files.delete(file);
      } catch (IOException ex) {
        throw new UncheckedIOException(ex);
      }
    }
  }

  /** A login whose tokens end, at an engine of its own. */
  private final class AppRole {

    private final String mount = server.newName("approle");
    private final String roleId;
    private final String secretId;

    AppRole(Duration tokenTtl) {
      server.post("sys/auth/" + mount, Map.of("type", "approle"));
      String role = "auth/" + mount + "/role/app";
      server.post(
          role,
          Map.of(
              "token_policies",
              policy(),
              "token_ttl",
              tokenTtl.toSeconds(),
              "token_max_ttl",
              tokenTtl.toSeconds()));
      roleId = server.get(role + "/role-id").at("/data/role_id").stringValue();
      secretId = server.post(role + "/secret-id", Map.of()).at("/data/secret_id").stringValue();
    }

    String[] properties() {
      return new String[] {
        "latchkey.vault.authentication=approle",
        "latchkey.vault.app-role.app-role-path=" + mount,
        "latchkey.vault.app-role.role-id=" + roleId,
        "latchkey.vault.app-role.secret-id=" + secretId
      };
    }

    void revokeTokens() {
      server.post("sys/leases/revoke-prefix/auth/" + mount + "/login", Map.of());
    }
  }
}
