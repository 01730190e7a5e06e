package dev.latchkey.key;

import dev.latchkey.LatchkeyException;
import java.util.regex.Pattern;

/**
 * The id of a keyset: the application that owns it, and its name there.
 *
 * @param owner letters, digits, {@code -} and {@code _}
 * @param name lower-case words of letters and digits joined by single dashes, such as {@code
 *     order-data}
 * @since 0.1
 */
public record KeysetId(String owner, String name) {

  private static final Pattern OWNER = Pattern.compile("[A-Za-z0-9_-]+");
  private static final Pattern NAME = Pattern.compile("[a-z][a-z0-9]*(-[a-z0-9]+)*");

  public KeysetId {
    requireOwner(owner);
    requireName(name);
  }

  /**
   * Checks the owner of a keyset.
   *
   * @throws LatchkeyException if it does not have the form described above
   */
  public static void requireOwner(String owner) {
    if (!OWNER.matcher(owner).matches()) {
      throw new LatchkeyException(
          "'%s' is not a valid owner of keysets".formatted(owner),
          "Use only letters, digits, '-' and '_': the owner becomes part of a path in the store.");
    }
  }

  /**
   * Checks the name of a keyset.
   *
   * @throws LatchkeyException if it does not have the form described above
   */
  public static void requireName(String name) {
    if (!NAME.matcher(name).matches()) {
      throw new LatchkeyException(
          "'%s' is not a valid name for a keyset".formatted(name),
          "Use lower-case words of letters and digits joined by single dashes, such as"
              + " 'order-data'.");
    }
  }

  @Override
  public String toString() {
    return owner + "/" + name;
  }
}
