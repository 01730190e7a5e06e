package dev.latchkey.file.internal;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.json.JsonWriteFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * The contents of a store that are encrypted together.
 *
 * @param documents keyset documents by owner and name
 * @param secrets versions of secrets by path, the newest last
 */
record StoreContents(Map<String, Document> documents, Map<String, List<Secret>> secrets) {

  static final StoreContents EMPTY = new StoreContents(Map.of(), Map.of());

  /** As many versions of a path as Vault keeps by default. */
  private static final int MAX_VERSIONS = 10;

  /** Strict, since everything is written back: unknown contents must not be dropped. */
  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .enable(JsonWriteFeature.ESCAPE_NON_ASCII)
          .build();

  record Document(String content, long generation, Instant createdAt) {

    @Override
    public String toString() {
      return "Document[generation=%d]".formatted(generation);
    }
  }

  record Secret(Map<String, @Nullable Object> fields, long version, Instant createdAt) {

    @Override
    public String toString() {
      return "Secret[version=%d]".formatted(version);
    }
  }

  static StoreContents parse(byte[] json) {
    return JSON.readValue(json, StoreContents.class);
  }

  byte[] toJson() {
    return JSON.writeValueAsBytes(this);
  }

  @Nullable Document document(String name) {
    return documents.get(name);
  }

  List<Secret> versions(String path) {
    return secrets.getOrDefault(path, List.of());
  }

  StoreContents with(String name, Document document) {
    Map<String, Document> changed = new TreeMap<>(documents);
    changed.put(name, document);
    return new StoreContents(Collections.unmodifiableMap(changed), secrets);
  }

  StoreContents with(String path, Secret newest) {
    List<Secret> versions = new ArrayList<>(versions(path));
    versions.add(newest);
    Map<String, List<Secret>> changed = new TreeMap<>(secrets);
    changed.put(
        path, versions.subList(Math.max(0, versions.size() - MAX_VERSIONS), versions.size()));
    return new StoreContents(documents, Collections.unmodifiableMap(changed));
  }

  @Override
  public String toString() {
    return "StoreContents[documents=%d, secrets=%d]".formatted(documents.size(), secrets.size());
  }
}
