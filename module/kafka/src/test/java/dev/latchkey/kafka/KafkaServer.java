package dev.latchkey.kafka;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import kafka.Kafka;
import kafka.tools.StorageTool;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ScramCredentialInfo;
import org.apache.kafka.clients.admin.ScramMechanism;
import org.apache.kafka.clients.admin.UserScramCredentialAlteration;
import org.apache.kafka.clients.admin.UserScramCredentialDeletion;
import org.apache.kafka.clients.admin.UserScramCredentialUpsertion;
import org.apache.kafka.common.Uuid;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A Kafka server of one node, whose users are made and deleted while it runs. In a process of its
 * own, which ends at the latest with this one.
 */
final class KafkaServer implements AutoCloseable {

  static final String PLAIN_USER = "plain";
  static final String PLAIN_PASSWORD = "plain-password";

  private static final ScramMechanism MECHANISM = ScramMechanism.SCRAM_SHA_512;

  /** The fewest that SCRAM allows. */
  private static final int ITERATIONS = 4096;

  private final Process process;
  private final String address;
  private final String openAddress;
  private final Admin admin;

  private KafkaServer(Process process, int port, int openPort) {
    this.process = process;
    this.address = "127.0.0.1:" + port;
    this.openAddress = "127.0.0.1:" + openPort;
    this.admin = Admin.create(Map.of("bootstrap.servers", openAddress));
  }

  /**
   * @param reauthentication how long a login with SCRAM lasts
   */
  static KafkaServer start(Path directory, Duration reauthentication) throws IOException {
    List<Integer> ports = freePorts();
    Path configuration =
        Files.writeString(
            directory.resolve("server.properties"),
            """
            process.roles=broker,controller
            node.id=1
            controller.quorum.voters=1@127.0.0.1:%3$d
            controller.listener.names=CONTROLLER
            listeners=CLIENTS://127.0.0.1:%1$d,OPEN://127.0.0.1:%2$d,CONTROLLER://127.0.0.1:%3$d
            listener.security.protocol.map=\
              CLIENTS:SASL_PLAINTEXT,OPEN:PLAINTEXT,CONTROLLER:PLAINTEXT
            inter.broker.listener.name=OPEN
            sasl.enabled.mechanisms=SCRAM-SHA-512,PLAIN
            listener.name.clients.scram-sha-512.sasl.jaas.config=\
              org.apache.kafka.common.security.scram.ScramLoginModule required;
            listener.name.clients.scram-sha-512.connections.max.reauth.ms=%4$d
            listener.name.clients.plain.sasl.jaas.config=\
              org.apache.kafka.common.security.plain.PlainLoginModule required user_%5$s="%6$s";
            log.dirs=%7$s
            offsets.topic.num.partitions=1
            offsets.topic.replication.factor=1
            group.initial.rebalance.delay.ms=0
            """
                .formatted(
                    ports.get(0),
                    ports.get(1),
                    ports.get(2),
                    reauthentication.toMillis(),
                    PLAIN_USER,
                    PLAIN_PASSWORD,
                    directory.resolve("data")));
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                KafkaServer.class.getName(),
                configuration.toString())
            .redirectErrorStream(true)
            .redirectOutput(Path.of("target", "kafka-server.log").toFile())
            .start();
    return new KafkaServer(process, ports.get(0), ports.get(1));
  }

  private static List<Integer> freePorts() throws IOException {
    try (ServerSocket one = new ServerSocket(0);
        ServerSocket two = new ServerSocket(0);
        ServerSocket three = new ServerSocket(0)) {
      return List.of(one.getLocalPort(), two.getLocalPort(), three.getLocalPort());
    }
  }

  /** The process of the server. */
  public static void main(String[] arguments) {
    Thread watcher = new Thread(KafkaServer::endWithStandardInput);
    watcher.setDaemon(true);
    watcher.start();
    ((LoggerContext) LoggerFactory.getILoggerFactory())
        .getLogger(Logger.ROOT_LOGGER_NAME)
        .setLevel(Level.WARN);
    StorageTool.execute(
        new String[] {
          "format", "--cluster-id", Uuid.randomUuid().toString(), "--config", arguments[0]
        },
        new PrintStream(OutputStream.nullOutputStream()));
    Kafka.main(arguments);
  }

  private static void endWithStandardInput() {
    try {
      System.in.transferTo(OutputStream.nullOutputStream());
    } catch (IOException ex) {
      // ended as well
    }
    Runtime.getRuntime().halt(0);
  }

  /** Where clients log in. */
  String address() {
    return address;
  }

  /** Where nobody logs in. */
  String openAddress() {
    return openAddress;
  }

  /** Makes a user, or gives it another password. */
  void putUser(String name, String password) throws Exception {
    alter(
        new UserScramCredentialUpsertion(
            name, new ScramCredentialInfo(MECHANISM, ITERATIONS), password));
  }

  void deleteUser(String name) throws Exception {
    alter(new UserScramCredentialDeletion(name, MECHANISM));
  }

  private void alter(UserScramCredentialAlteration alteration) throws Exception {
    admin.alterUserScramCredentials(List.of(alteration)).all().get(60, TimeUnit.SECONDS);
  }

  int partitions(String topic) throws Exception {
    return admin
        .describeTopics(List.of(topic))
        .allTopicNames()
        .get(60, TimeUnit.SECONDS)
        .get(topic)
        .partitions()
        .size();
  }

  @Override
  public void close() throws IOException {
    admin.close();
    process.getOutputStream().close();
    process.onExit().orTimeout(10, TimeUnit.SECONDS).join();
  }
}
