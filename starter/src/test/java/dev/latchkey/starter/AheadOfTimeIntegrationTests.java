package dev.latchkey.starter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.SpringApplicationAotProcessor;

/** Does what {@code spring-boot:process-aot} does, and runs the result. */
class AheadOfTimeIntegrationTests {

  @TempDir static Path built;

  @TempDir Path directory;

  @BeforeAll
  static void processAndCompile() throws Exception {
    Run run = process(AheadOfTimeApplication.class, built, fileStore(built));
    assertThat(run.exitCode).as(run.output).isZero();
    compile(built.resolve("sources"), built.resolve("classes"));
  }

  @Test
  void createsNothingWhileProcessing() {
    assertThat(built.resolve("store")).doesNotExist();
    assertThat(built.resolve("home")).doesNotExist();
  }

  @Test
  void callsNoServerWhileProcessing() throws Exception {
    try (ServerSocket server = new ServerSocket(0, 0, InetAddress.getLoopbackAddress())) {
      server.setSoTimeout(1);
      String uri = "http://127.0.0.1:" + server.getLocalPort();

      Run run =
          process(
              AheadOfTimeApplication.class,
              directory,
              List.of(
                  "--latchkey.vault.uri=" + uri,
                  "--latchkey.vault.token=none",
                  "--spring.application.name=shop"));

      assertThat(run.exitCode).as(run.output).isZero();
      assertThatExceptionOfType(SocketTimeoutException.class).isThrownBy(server::accept);
    }
  }

  @Test
  void injectsFieldsAndConstructorParametersAndLooksSecretsUp() throws Exception {
    Run run = run();

    assertThat(run.output)
        .contains("Looked up 32 characters")
        .contains("Under the primary key: true")
        .contains("Decrypted data, ahead of time: true")
        .doesNotContain("is not eligible for getting processed");
    assertThat(run.exitCode).isZero();
    assertThat(directory.resolve("store")).isDirectory();
  }

  @Test
  void resolvesReferencesInBeanDefinitionsWhenItRuns() throws Exception {
    assertThat(run().output).contains("In a bean definition too: true");
  }

  @Test
  void givesPoolsTheirSecretsWhenItRuns() throws Exception {
    assertThat(run().output).contains("And for the pool: true", "And as a rotating secret: true");
  }

  @Test
  void servesJwkSets() throws Exception {
    Class<?> application = AheadOfTimeIssuer.class;
    Path output = Files.createDirectories(directory.resolve("built"));
    Run processed = process(application, output, fileStore(output));
    assertThat(processed.exitCode).as(processed.output).isZero();
    compile(output.resolve("sources"), output.resolve("classes"));

    Run run = run(application, output);

    assertThat(run.output).contains("Served 2 keys with status 200, ahead of time: true");
    assertThat(run.exitCode).isZero();
  }

  @Test
  void takesAnotherTemplateWithTheSamePrimitives() throws Exception {
    Run run = run("--latchkey.keysets.orders.template=AES128_GCM");

    assertThat(run.exitCode).as(run.output).isZero();
  }

  @Test
  void refusesAKeysetThatWasNotBuilt() throws Exception {
    Run run = run("--latchkey.keysets.extra.template=AES256_GCM");

    assertThat(run.exitCode).isEqualTo(1);
    assertThat(run.output)
        .contains("The keyset 'extra' was not configured with the primitive Aead when the")
        .contains("fixes the names of keysets");
    assertThat(directory.resolve("store")).doesNotExist();
  }

  @Test
  void refusesATemplateWithOtherPrimitives() throws Exception {
    Run run = run("--latchkey.keysets.orders.template=ED25519");

    assertThat(run.exitCode).isEqualTo(1);
    assertThat(run.output).contains("'orders'").contains("fixes the names of keysets");
    assertThat(directory.resolve("store")).doesNotExist();
  }

  @Test
  void refusesARecordComponentWhileProcessing() throws Exception {
    Run run = process(AheadOfTimeApplication.WithRecord.class, directory, fileStore(directory));

    assertThat(run.exitCode).isNotZero();
    assertThat(run.output)
        .contains("component 'aead' of record " + AheadOfTimeApplication.class.getName())
        .contains("Use @Qualifier(\"orders\") on the component instead");
  }

  private static Run process(Class<?> application, Path output, List<String> arguments)
      throws Exception {
    List<String> command = new ArrayList<>();
    command.add(SpringApplicationAotProcessor.class.getName());
    command.add(application.getName());
    for (String kind : List.of("sources", "resources", "classes")) {
      command.add(Files.createDirectories(output.resolve(kind)).toString());
    }
    command.addAll(List.of("dev.latchkey", "application"));
    command.addAll(arguments);
    return java(List.of(System.getProperty("java.class.path")), output, command);
  }

  private Run run(String... arguments) throws Exception {
    return run(AheadOfTimeApplication.class, built, arguments);
  }

  private Run run(Class<?> application, Path output, String... arguments) throws Exception {
    List<String> command = new ArrayList<>();
    command.add("-Dspring.aot.enabled=true");
    command.add(application.getName());
    command.addAll(fileStore(directory));
    command.addAll(List.of(arguments));
    List<String> classPath =
        List.of(
            output.resolve("classes").toString(),
            output.resolve("resources").toString(),
            System.getProperty("java.class.path"));
    return java(classPath, directory, command);
  }

  private static List<String> fileStore(Path parent) {
    return List.of(
        "--latchkey.store.type=file", "--latchkey.store.file.directory=" + parent.resolve("store"));
  }

  private static Run java(List<String> classPath, Path parent, List<String> command)
      throws Exception {
    List<String> all = new ArrayList<>();
    all.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    all.add("-Duser.home=" + parent.resolve("home"));
    all.addAll(List.of("-cp", String.join(File.pathSeparator, classPath)));
    all.addAll(command);
    Process process = new ProcessBuilder(all).redirectErrorStream(true).start();
    String text = new String(process.getInputStream().readAllBytes());
    return new Run(process.waitFor(), text);
  }

  private static void compile(Path sources, Path classes) throws IOException {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null);
        Stream<Path> all = Files.walk(sources)) {
      var units =
          files.getJavaFileObjectsFromPaths(
              all.filter(path -> path.toString().endsWith(".java")).toList());
      List<String> options =
          List.of(
              "-d",
              classes.toString(),
              "-cp",
              classes + File.pathSeparator + System.getProperty("java.class.path"),
              "-proc:none",
              "-nowarn");
      assertThat(compiler.getTask(null, files, null, options, null, units).call()).isTrue();
    }
  }

  private record Run(int exitCode, String output) {}
}
