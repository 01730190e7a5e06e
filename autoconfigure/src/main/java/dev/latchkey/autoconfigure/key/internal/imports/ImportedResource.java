package dev.latchkey.autoconfigure.key.internal.imports;

import dev.latchkey.LatchkeyException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import org.springframework.core.io.ClassPathResource;

/** The file or class path resource that contains an imported Tink keyset. */
record ImportedResource(ImportFrom from) {

  private static final int MAX_BYTES = 1 << 20;

  /** A group may read it, since platforms mount secrets for a non-root user that way. */
  private static final Set<PosixFilePermission> FORBIDDEN =
      Set.copyOf(PosixFilePermissions.fromString("----w-rwx"));

  /** All bytes; the caller wipes them after use. */
  byte[] read() {
    try {
      if (from.kind() == ImportFrom.Kind.FILE && from.inTheClear()) {
        refuseWhenOpenToOthers(from.path());
      }
      try (InputStream stream = open()) {
        byte[] bytes = stream.readNBytes(MAX_BYTES);
        if (stream.read() >= 0) {
          throw new LatchkeyException(
              "%s is larger than any Tink keyset (1 MiB)".formatted(from),
              "Name the file of a Tink keyset.");
        }
        return bytes;
      }
    } catch (IOException ex) {
      throw new LatchkeyException(
          ex instanceof NoSuchFileException || !from.exists()
              ? "%s does not exist".formatted(from)
              : "%s cannot be read: %s".formatted(from, ex.getClass().getSimpleName()),
          "Put the keyset there, readable only by the application's user. To start with new keys"
              + " instead, remove the property.",
          ex);
    }
  }

  private InputStream open() throws IOException {
    return from.kind() == ImportFrom.Kind.FILE
        ? Files.newInputStream(from.path())
        : new ClassPathResource(from.location()).getInputStream();
  }

  private static void refuseWhenOpenToOthers(Path file) throws IOException {
    if (!file.getFileSystem().supportedFileAttributeViews().contains("posix")) {
      return;
    }
    Set<PosixFilePermission> mode = Files.getPosixFilePermissions(file);
    if (mode.stream().anyMatch(FORBIDDEN::contains)) {
      throw new LatchkeyException(
          "%s contains a cleartext keyset and is accessible to other users (mode %s)"
              .formatted(file, PosixFilePermissions.toString(mode)),
          "Restrict it to its owner:%n%n    chmod 600 %s".formatted(file));
    }
  }
}
