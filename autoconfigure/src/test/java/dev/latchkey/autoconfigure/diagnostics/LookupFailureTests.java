package dev.latchkey.autoconfigure.diagnostics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatException;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.Banner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Configuration;

/** The failure analysis of references that cannot be resolved fits on a screen. */
@ExtendWith(OutputCaptureExtension.class)
class LookupFailureTests {

  @TempDir Path directory;

  @Test
  void namesPropertyFileAndLineWhenTheSecretIsMissing(CapturedOutput output) throws Exception {
    fails("app.password=${vault@secret/orders-db#password}");

    assertThat(output)
        .contains(
            """
            Description:

            A reference to a secret cannot be resolved:

                Property: app.password
                Origin: URL [file:%s] - 2:14
                Reference: vault@secret/orders-db#password
                Reason: memory store has no secret at secret/orders-db

            Action:

            Set the property 'vault@secret/orders-db#password' to a value of your own. Or let Latchkey generate it at first startup: ${vault@secret/orders-db?generate=32#password}
            """
                .formatted(file()))
        .doesNotContain("\tat ");
  }

  @Test
  void namesFileAndLineWhenAnImportFails(CapturedOutput output) throws Exception {
    fails("spring.config.import=latchkey:secret/none?prefix=app.");

    assertThat(output)
        .contains(
            """
            A reference to a secret cannot be resolved:

                Property: spring.config.import
                Origin: URL [file:%s] - 2:22
                Reference: latchkey:secret/none?prefix=app.
                Reason: memory store has no secret at secret/none
            """
                .formatted(file()))
        .doesNotContain("\tat ");
  }

  @Test
  void namesTheCharacterWhenTheReferenceIsMistyped(CapturedOutput output) throws Exception {
    fails("app.url=jdbc:x?p=${vault@secret/orders db#password}&x=1");

    assertThat(output)
        .contains("    Property: app.url")
        .contains("    Origin: URL [file:" + file() + "] - 2:9")
        .contains(
            "Reason: Reference 'vault@secret/orders db#password' has an unexpected character U+0020"
                + " at position 20");
  }

  @Test
  void showsOnlyTheFirstFailuresWhenThereAreMany(CapturedOutput output) throws Exception {
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      lines.add("app.p%02d=${vault@secret/missing-%d#x}".formatted(i, i));
    }
    fails(lines.toArray(String[]::new));

    String analysis = output.toString().substring(output.toString().indexOf("Description:"));
    assertThat(analysis)
        .contains("50 references to secrets cannot be resolved:")
        .contains("    Property: app.p00")
        .contains("    and 46 more");
    assertThat(analysis.lines().count()).isLessThan(40);
  }

  @Test
  void namesTheBeanWhenNoPropertyRefers(CapturedOutput output) throws Exception {
    fails(InAnnotation.class);

    assertThat(output)
        .contains("    Used in: bean 'lookupFailureTests.InAnnotation'")
        .contains("    Reference: vault@secret/orders-db#password");
  }

  @Test
  void exitsWithOneWhenStartupFails() throws Exception {
    write("app.password=${vault@secret/orders-db#password}");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                String.join(File.pathSeparator, System.getProperty("java.class.path")),
                Application.class.getName(),
                "--spring.config.location=file:" + directory + "/")
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes());

    assertThat(process.waitFor()).as(output).isEqualTo(1);
    assertThat(output)
        .contains("    Origin: URL [file:" + file() + "] - 2:14")
        .doesNotContain("\tat ");
    assertThat(output.lines().count()).isLessThan(40);
  }

  private void fails(String... lines) throws Exception {
    fails(Application.class, lines);
  }

  private void fails(Class<?> application, String... lines) throws Exception {
    write(lines);
    assertThatException()
        .isThrownBy(
            () ->
                Application.application(application)
                    .run("--spring.config.location=file:" + directory + "/"));
  }

  private void write(String... lines) throws Exception {
    List<String> all = new ArrayList<>(List.of("latchkey.store.type=memory"));
    all.addAll(List.of(lines));
    Files.write(file(), all);
  }

  private Path file() {
    return directory.resolve("application.properties");
  }

  @Configuration(proxyBeanMethods = false)
  @EnableAutoConfiguration
  static class Application {

    public static void main(String[] args) {
      application(Application.class).run(args);
    }

    static SpringApplication application(Class<?> source) {
      SpringApplication application = new SpringApplication(source);
      application.setWebApplicationType(WebApplicationType.NONE);
      application.setBannerMode(Banner.Mode.OFF);
      return application;
    }
  }

  @Configuration(proxyBeanMethods = false)
  @EnableAutoConfiguration
  static class InAnnotation {

    @Value("${vault@secret/orders-db#password}")
    String password = "";
  }
}
