package dev.latchkey.key.live.internal;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * One test vector of Project Wycheproof.
 *
 * @param group what it has in common with others: sizes, a public key
 * @param test what is its own
 */
record WycheproofVector(JsonNode group, ObjectNode test) {

  private static final JsonMapper JSON = new JsonMapper();
  private static final List<String> PROTECTED = List.of("sig", "tag", "ct", "okm");

  /** All vectors of a file. */
  static List<WycheproofVector> in(String file) {
    List<WycheproofVector> vectors = new ArrayList<>();
    JsonNode root = read("/wycheproof/" + file + "_test.json");
    for (JsonNode group : root.required("testGroups")) {
      for (JsonNode test : group.required("tests")) {
        vectors.add(new WycheproofVector(group, (ObjectNode) test));
      }
    }
    if (vectors.size() != root.required("numberOfTests").asInt()) {
      throw new IllegalStateException("%s is not whole".formatted(file));
    }
    return vectors;
  }

  private static JsonNode read(String resource) {
    try (InputStream json = WycheproofVector.class.getResourceAsStream(resource)) {
      return JSON.readTree(json);
    } catch (IOException ex) {
      throw new UncheckedIOException(ex);
    }
  }

  byte[] bytes(String field) {
    return HexFormat.of().parseHex(test.required(field).asString());
  }

  /** A number of its own, such as how many bytes are to be made. */
  int number(String field) {
    return test.required(field).asInt();
  }

  /** A number of its group; sizes are in bits. */
  int common(String field) {
    return group.required(field).asInt();
  }

  JsonNode publicKey() {
    return group.required("publicKey");
  }

  BigInteger publicNumber(String field) {
    return new BigInteger(publicKey().required(field).asString(), 16);
  }

  String comment() {
    return test.required("comment").asString();
  }

  boolean mustPass() {
    return result().equals("valid");
  }

  boolean mustFail() {
    return result().equals("invalid");
  }

  private String result() {
    return test.required("result").asString();
  }

  WycheproofVector withResult(String result) {
    return with("result", result);
  }

  /** The same with one bit changed in what the key made. */
  WycheproofVector withOneBitFlipped() {
    String field = PROTECTED.stream().filter(test::has).findFirst().orElseThrow();
    byte[] bytes = bytes(field);
    bytes[bytes.length - 1] ^= 1;
    return with(field, HexFormat.of().formatHex(bytes));
  }

  private WycheproofVector with(String field, String value) {
    return new WycheproofVector(group, test.deepCopy().put(field, value));
  }

  @Override
  public String toString() {
    return "%s vector %d (%s)".formatted(result(), number("tcId"), comment());
  }
}
