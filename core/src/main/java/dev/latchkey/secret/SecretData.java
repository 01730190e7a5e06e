package dev.latchkey.secret;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One version of what lies at a path: its fields, as the JSON values that the store holds (text,
 * number, boolean, null, list or map). Never printed.
 *
 * @param fields by name
 * @param version the store's version of the path: 1 or more, or 0 where the store keeps no versions
 * @since 0.1
 */
public record SecretData(Map<String, @Nullable Object> fields, long version) {

  public SecretData {
    fields = Collections.unmodifiableMap(new LinkedHashMap<>(fields));
  }

  @Override
  public String toString() {
    return "SecretData[fields=%s, version=%d]".formatted(fields.keySet(), version);
  }
}
