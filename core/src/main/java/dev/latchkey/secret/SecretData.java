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

  /**
   * The text of every field, in their order. What lies within a nested object or a list goes by its
   * path, as in {@code servers[0].name}; null has no text and is left out.
   */
  public Map<String, String> texts() {
    Map<String, String> texts = new LinkedHashMap<>();
    fields.forEach((name, value) -> SecretText.collect(name, value, texts));
    return texts;
  }

  @Override
  public String toString() {
    return "SecretData[fields=%s, version=%d]".formatted(fields.keySet(), version);
  }
}
