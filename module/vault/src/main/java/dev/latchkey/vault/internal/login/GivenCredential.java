package dev.latchkey.vault.internal.login;

import dev.latchkey.LatchkeyException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.function.Supplier;

/**
 * A token, secret id or the like that is given from outside. A file is read each time the
 * credential is asked for, so that what keeps it, such as Vault Agent or the kubelet, may replace
 * it at any time.
 *
 * @since 0.1
 */
public final class GivenCredential implements Supplier<String> {

  private final Supplier<String> source;
  private final String kind;
  private final String place;

  private GivenCredential(Supplier<String> source, String kind, String place) {
    this.source = source;
    this.kind = kind;
    this.place = place;
  }

  /**
   * Takes this text.
   *
   * @param kind what it is, such as {@code token}
   * @param property the property that it was given by
   */
  public static GivenCredential of(String text, String kind, String property) {
    return new GivenCredential(() -> text, kind, property);
  }

  /**
   * Takes what the file holds, alone or with white space around it.
   *
   * @param kind what it is, such as {@code token}
   * @param property the property that names the file
   */
  public static GivenCredential inFile(Path file, String kind, String property) {
    Path absolute = file.toAbsolutePath();
    return new GivenCredential(
        () -> read(absolute, kind, property), kind, "The %s file %s".formatted(kind, absolute));
  }

  /**
   * The credential as it is now.
   *
   * @throws LatchkeyException if there is none, or something that can be none
   */
  @Override
  public String get() {
    String text = source.get().strip();
    if (text.isEmpty()) {
      throw new LatchkeyException(
          "%s is empty".formatted(place),
          "Put the %s there before the application starts.".formatted(kind));
    }
    if (!text.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
      throw new LatchkeyException(
          "%s holds a character that no %s has".formatted(place, kind),
          "Put nothing but the %s there, on one line.".formatted(kind));
    }
    return text;
  }

  private static String read(Path file, String kind, String property) {
    try {
      return Files.readString(file);
    } catch (NoSuchFileException ex) {
      throw new LatchkeyException(
          "There is no %s file %s".formatted(kind, file),
          "Make it, or set %s to the file that holds the %s.".formatted(property, kind));
    } catch (IOException ex) {
      throw new LatchkeyException(
          "The %s file %s cannot be read (%s)".formatted(kind, file, ex.getClass().getSimpleName()),
          "Let it hold the %s as text, and give the application's user the right to read it: chmod"
                  .formatted(kind)
              + " 0400, and chown to that user.");
    }
  }

  @Override
  public String toString() {
    return place;
  }
}
