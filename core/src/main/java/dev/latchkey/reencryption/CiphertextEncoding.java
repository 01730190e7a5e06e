package dev.latchkey.reencryption;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * How a column holds bytes.
 *
 * @param text the encoding where it holds them as text, else null
 */
record CiphertextEncoding(@Nullable Text text) {

  static final CiphertextEncoding NONE = new CiphertextEncoding(null);

  private record Text(Function<String, byte[]> decode, Function<byte[], String> encode) {

    /** What is not text of this encoding comes as it is: it will not decrypt. */
    private byte[] decoded(String text) {
      try {
        byte[] bytes = decode.apply(text);
        if (encode.apply(bytes).equals(text)) {
          return bytes;
        }
      } catch (IllegalArgumentException ex) {
        // told as one that does not decrypt
      }
      return text.getBytes(UTF_8);
    }
  }

  static CiphertextEncoding text(Function<String, byte[]> decode, Function<byte[], String> encode) {
    return new CiphertextEncoding(new Text(decode, encode));
  }

  boolean isText() {
    return text != null;
  }

  byte[] read(ResultSet row, int index) throws SQLException {
    return text != null ? text.decoded(row.getString(index)) : row.getBytes(index);
  }

  void set(PreparedStatement statement, int index, byte[] bytes) throws SQLException {
    if (text != null) {
      statement.setString(index, text.encode.apply(bytes));
    } else {
      statement.setBytes(index, bytes);
    }
  }
}
