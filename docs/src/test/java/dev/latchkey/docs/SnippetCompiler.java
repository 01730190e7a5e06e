package dev.latchkey.docs;

import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;

/** Compiles snippets that omit their imports. */
final class SnippetCompiler {

  private static final String IMPORTS =
      """
      import static java.nio.charset.StandardCharsets.UTF_8;
      import com.google.crypto.tink.Aead;
      import com.google.crypto.tink.KmsClient;
      import com.google.crypto.tink.PublicKeySign;
      import com.google.crypto.tink.PublicKeyVerify;
      import dev.latchkey.annotation.RotatingKey;
      import dev.latchkey.key.KeysetId;
      import dev.latchkey.key.live.Reencryptor;
      import dev.latchkey.reencryption.Ciphertext;
      import dev.latchkey.reencryption.Ciphertexts;
      import dev.latchkey.reencryption.JdbcColumn;
      import dev.latchkey.reencryption.Progress;
      import dev.latchkey.reencryption.Reencryption;
      import dev.latchkey.key.rotation.KeyReferences;
      import dev.latchkey.key.rotation.RotationEvent;
      import dev.latchkey.key.rotation.RotationStatus;
      import dev.latchkey.secret.RotatingSecret;
      import dev.latchkey.secret.SecretValue;
      import dev.latchkey.autoconfigure.key.KeysetAutoConfiguration;
      import dev.latchkey.autoconfigure.RotatingKeyAutoConfiguration;
      import dev.latchkey.vault.LoginFactory;
      import java.security.GeneralSecurityException;
      import java.util.Iterator;
      import java.util.List;
      import java.util.Map;
      import org.junit.jupiter.api.BeforeAll;
      import org.springframework.boot.SpringApplication;
      import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
      import org.springframework.boot.bootstrap.BootstrapRegistry.InstanceSupplier;
      import org.springframework.boot.jdbc.test.autoconfigure.JdbcTest;
      import org.springframework.boot.webmvc.test.autoconfigure.WebMvcTest;
      import org.springframework.test.context.DynamicPropertyRegistry;
      import org.springframework.test.context.DynamicPropertySource;
      import org.springframework.vault.authentication.UsernamePasswordAuthentication;
      import org.springframework.vault.authentication.UsernamePasswordAuthenticationOptions;
      import org.testcontainers.containers.GenericContainer;
      import org.testcontainers.containers.wait.strategy.Wait;
      import org.testcontainers.junit.jupiter.Container;
      import org.testcontainers.junit.jupiter.Testcontainers;
      import java.util.function.Consumer;
      import javax.sql.DataSource;
      import org.jspecify.annotations.Nullable;
      import org.slf4j.Logger;
      import org.slf4j.LoggerFactory;
      import org.springframework.boot.context.properties.ConfigurationProperties;
      import org.springframework.boot.security.autoconfigure.actuate.web.servlet.EndpointRequest;
      import org.springframework.boot.test.context.SpringBootTest;
      import org.springframework.context.annotation.Bean;
      import org.springframework.context.annotation.Configuration;
      import org.springframework.context.event.EventListener;
      import org.springframework.core.annotation.Order;
      import org.springframework.security.config.Customizer;
      import org.springframework.security.config.annotation.web.builders.HttpSecurity;
      import org.springframework.security.web.SecurityFilterChain;
      import org.springframework.stereotype.Component;
      import org.springframework.stereotype.Service;
      import org.springframework.test.context.TestPropertySource;
      import org.springframework.test.context.bean.override.mockito.MockitoBean;
      """;

  private final Path output;

  SnippetCompiler(Path output) {
    this.output = output;
  }

  /** The errors, one per line, or an empty string. */
  String errors(String snippet) {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    DiagnosticCollector<JavaFileObject> diagnostics = new DiagnosticCollector<>();
    compiler
        .getTask(
            null,
            null,
            diagnostics,
            List.of(
                "-proc:none",
                "-d",
                output.toString(),
                "-cp",
                System.getProperty("java.class.path")),
            null,
            List.of(new Source(IMPORTS + snippet)))
        .call();
    return diagnostics.getDiagnostics().stream()
        .filter(each -> each.getKind() == Diagnostic.Kind.ERROR)
        .map(Object::toString)
        .collect(Collectors.joining("\n"));
  }

  private static final class Source extends SimpleJavaFileObject {

    private final String text;

    Source(String text) {
      super(URI.create("string:///Snippet.java"), Kind.SOURCE);
      this.text = text;
    }

    @Override
    public CharSequence getCharContent(boolean ignoreEncodingErrors) {
      return text;
    }
  }
}
