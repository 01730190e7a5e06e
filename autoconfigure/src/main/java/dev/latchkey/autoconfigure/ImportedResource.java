package dev.latchkey.autoconfigure;

import dev.latchkey.LatchkeyException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.Set;
import org.springframework.core.io.ClassPathResource;

/** The file or class path resource that a Tink keyset is imported from. */
record ImportedResource(ImportFrom from) {

  private static final int MAX_BYTES = 1 << 20;

  /** A group may read it: so it is where a platform mounts secrets for a user that is not root. */
  private static final Set<PosixFilePermission> FORBIDDEN =
      PosixFilePermissions.fromString("----w-rwx");

  /** All bytes of it; the caller wipes them after use. */
  byte[] read() {
    try {
      if (from.kind() == ImportFrom.Kind.FILE && from.inTheClear()) {
        refuseWhenOpenToOthers(from.path());
      }
      try (InputStream stream = open()) {
        byte[] bytes = stream.readNBytes(MAX_BYTES);
        if (stream.read() >= 0) {
          throw new LatchkeyException(
              "%s is larger than any keyset".formatted(from), "Name the file of a Tink keyset.");
        }
        return bytes;
      }
    } catch (IOException ex) {
      throw new LatchkeyException(
          ex instanceof NoSuchFileException || isMissing()
              ? "There is no %s".formatted(from)
              : "%s cannot be read: %s".formatted(from, ex.getClass().getSimpleName()),
          "Put the keyset there, readable by the application's user alone; or remove the property"
              + " to start with new keys.",
          ex);
    }
  }

  private boolean isMissing() {
    return from.kind() == ImportFrom.Kind.CLASSPATH && !classPathResource().exists();
  }

  private InputStream open() throws IOException {
    return from.kind() == ImportFrom.Kind.FILE
        ? Files.newInputStream(from.path())
        : classPathResource().getInputStream();
  }

  private ClassPathResource classPathResource() {
    return new ClassPathResource(from.location());
  }

  private static void refuseWhenOpenToOthers(Path file) throws IOException {
    if (!file.getFileSystem().supportedFileAttributeViews().contains("posix")) {
      return;
    }
    Set<PosixFilePermission> mode = Files.getPosixFilePermissions(file);
    if (mode.stream().anyMatch(FORBIDDEN::contains)) {
      throw new LatchkeyException(
          "The keyset in %s is in the clear, and open to others: it has mode %s"
              .formatted(file, PosixFilePermissions.toString(mode)),
          "Close it to others:%n%n    chmod 600 %s".formatted(file));
    }
  }

  /** How to delete it, if it is still there. */
  Optional<String> whereItStillLies() {
    if (from.kind() == ImportFrom.Kind.CLASSPATH) {
      return classPathResource().exists()
          ? Optional.of("Take it out of the application's archive")
          : Optional.empty();
    }
    return Files.exists(from.path(), LinkOption.NOFOLLOW_LINKS)
        ? Optional.of("Delete it: shred -u '%s'".formatted(from.path()))
        : Optional.empty();
  }
}
