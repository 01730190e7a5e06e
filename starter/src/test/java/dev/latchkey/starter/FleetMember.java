package dev.latchkey.starter;

import static java.nio.charset.StandardCharsets.US_ASCII;

import com.google.crypto.tink.Aead;
import dev.latchkey.autoconfigure.key.KeysetAutoConfiguration;
import dev.latchkey.key.live.internal.KeysetRegistry;
import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

/**
 * One of several applications that share a keyset. It encrypts continuously, and decrypts what the
 * others encrypted as soon as it appears in the directory that they share. When its input ends, it
 * decrypts everything that any of them ever encrypted, and prints a result.
 */
final class FleetMember {

  private static final byte[] NONE = {};

  private final Aead aead;
  private final Path directory;
  private final Path own;
  private final Map<Path, Long> offsets = new HashMap<>();
  private long operations;
  private long failures;

  private FleetMember(Aead aead, Path directory, String name) {
    this.aead = aead;
    this.directory = directory;
    this.own = directory.resolve(name);
  }

  /** Takes the directory, the member's name, and properties of the application. */
  public static void main(String[] arguments) throws Exception {
    String[] properties = Stream.of(arguments).skip(2).toArray(String[]::new);
    try (ConfigurableApplicationContext context =
        new SpringApplicationBuilder(Application.class)
            .web(WebApplicationType.NONE)
            .properties(properties)
            .run()) {
      KeysetRegistry registry = context.getBean(KeysetRegistry.class);
      registry.addListener(
          "orders", snapshot -> System.out.println("generation " + snapshot.generation()));
      System.out.println("generation " + registry.snapshot("orders").generation());
      new FleetMember(registry.primitive("orders", Aead.class), Path.of(arguments[0]), arguments[1])
          .run();
    }
  }

  private void run() throws IOException {
    AtomicBoolean ended = new AtomicBoolean();
    Thread input =
        new Thread(
            () -> {
              try {
                System.in.transferTo(OutputStream.nullOutputStream());
                ended.set(true);
              } catch (IOException ex) {
                throw new UncheckedIOException(ex);
              }
            });
    input.setDaemon(true);
    input.start();
    for (long number = 0; !ended.get(); number++) {
      for (int i = 0; i < 20; i++) {
        encryptAndDecrypt(number);
      }
      publish(number);
      decryptWhatIsNew();
      LockSupport.parkNanos(Duration.ofMillis(10).toNanos());
    }
    long failed = failures;
    offsets.clear();
    long checked = decryptWhatIsNew();
    System.out.printf(
        "result operations=%d failed=%d checked=%d undecrypted=%d%n",
        operations, failed, checked, failures - failed);
  }

  private void encryptAndDecrypt(long number) {
    try {
      decrypt(number + ":" + encrypt(number));
    } catch (GeneralSecurityException ex) {
      failed(ex);
    }
  }

  private void publish(long number) throws IOException {
    try {
      Files.writeString(
          own,
          number + ":" + encrypt(number) + "\n",
          StandardOpenOption.CREATE,
          StandardOpenOption.APPEND);
    } catch (GeneralSecurityException ex) {
      failed(ex);
    }
  }

  private String encrypt(long number) throws GeneralSecurityException {
    operations++;
    return Base64.getEncoder().encodeToString(aead.encrypt(text(number), NONE));
  }

  private long decryptWhatIsNew() throws IOException {
    List<Path> files;
    try (Stream<Path> all = Files.list(directory)) {
      files = all.toList();
    }
    long count = 0;
    for (Path file : files) {
      for (String line : newLines(file)) {
        decrypt(line);
        count++;
      }
    }
    return count;
  }

  /** Whole lines only: a killed member may have left a part of one. */
  private List<String> newLines(Path file) throws IOException {
    long offset = offsets.getOrDefault(file, 0L);
    try (RandomAccessFile input = new RandomAccessFile(file.toFile(), "r")) {
      byte[] bytes = new byte[(int) (input.length() - offset)];
      input.seek(offset);
      input.readFully(bytes);
      String text = new String(bytes, US_ASCII);
      int end = text.lastIndexOf('\n') + 1;
      offsets.put(file, offset + end);
      return new ArrayList<>(text.substring(0, end).lines().toList());
    }
  }

  private void decrypt(String line) {
    operations++;
    String[] parts = line.split(":");
    try {
      byte[] text = aead.decrypt(Base64.getDecoder().decode(parts[1]), NONE);
      if (!new String(text, US_ASCII).equals(parts[0])) {
        throw new GeneralSecurityException("decrypted to another text");
      }
    } catch (GeneralSecurityException ex) {
      failed(ex);
    }
  }

  private void failed(GeneralSecurityException ex) {
    failures++;
    System.out.println("failed " + ex);
  }

  private static byte[] text(long number) {
    return String.valueOf(number).getBytes(US_ASCII);
  }

  @SpringBootConfiguration(proxyBeanMethods = false)
  @ImportAutoConfiguration(KeysetAutoConfiguration.class)
  static class Application {}
}
