package dev.latchkey.reencryption;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Base64;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * How a column stores bytes.
 *
 * @param text the encoding if the column stores text, else null
 */
record CiphertextEncoding(@Nullable Text text) {

  static final CiphertextEncoding NONE = new CiphertextEncoding(null);

  private record Text(Function<String, byte[]> decode, Function<byte[], String> encode) {

    /**
     * Accepts everything that can be read as a ciphertext, since what is not counted is lost with
     * its key. A wrong guess does not decrypt. Text that cannot be decoded is used as it is.
     */
    private byte[] decoded(String text) {
      return decoded(text, decode)
          .or(() -> decoded(text.replaceAll("\\s", ""), decode))
          .or(
              () ->
                  decoded(
                      text.replace('-', '+').replace('_', '/'), Base64.getMimeDecoder()::decode))
          .orElseGet(() -> text.getBytes(UTF_8));
    }

    private static Optional<byte[]> decoded(String text, Function<String, byte[]> decode) {
      try {
        return Optional.of(decode.apply(text));
      } catch (IllegalArgumentException ex) {
        return Optional.empty();
      }
    }
  }

  static CiphertextEncoding text(Function<String, byte[]> decode, Function<byte[], String> encode) {
    return new CiphertextEncoding(new Text(decode, encode));
  }

  boolean isText() {
    return text != null;
  }

  <I> Ciphertext<I> read(I id, ResultSet row, int index, byte[] associatedData)
      throws SQLException {
    if (text == null) {
      return new Ciphertext<>(id, row.getBytes(index), associatedData);
    }
    String stored = row.getString(index);
    return new Ciphertext<>(id, text.decoded(stored), associatedData, stored);
  }

  void set(PreparedStatement statement, int index, byte[] bytes) throws SQLException {
    if (text != null) {
      statement.setString(index, text.encode.apply(bytes));
    } else {
      statement.setBytes(index, bytes);
    }
  }

  /**
   * Sets what was read: the exact text, and the text without trailing blanks, which a database may
   * have padded it with and ignore in comparisons.
   */
  void setOld(PreparedStatement statement, int index, Ciphertext<?> old) throws SQLException {
    if (text != null) {
      String stored = old.text() != null ? old.text() : text.encode.apply(old.bytes());
      statement.setString(index, stored);
      statement.setString(index + 1, stored.stripTrailing());
    } else {
      statement.setBytes(index, old.bytes());
    }
  }
}
