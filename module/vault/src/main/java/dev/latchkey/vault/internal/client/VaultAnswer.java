package dev.latchkey.vault.internal.client;

import java.io.IOException;
import java.net.URI;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.client.ClientHttpResponse;
import org.springframework.web.client.RestClientResponseException;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.cfg.JsonNodeFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.MissingNode;

/**
 * What the server answered, as it came.
 *
 * @param status the HTTP status
 * @param body its JSON; missing where there is none
 * @param date when, by the server's clock and to the second; null where something on the way
 *     removed it
 * @param location where it redirects to, or null
 * @param index the state of its data that the server names, or null
 */
public record VaultAnswer(
    int status,
    JsonNode body,
    @Nullable Instant date,
    @Nullable URI location,
    @Nullable String index) {

  public static final String INDEX = "X-Vault-Index";

  /** Numbers keep their digits: {@code 1.10} stays {@code 1.10}. */
  public static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
          .build();

  private static final int PRINTED = 300;

  public static VaultAnswer of(ClientHttpResponse response) throws IOException {
    byte[] body = response.getBody().readAllBytes();
    try {
      return of(response.getStatusCode().value(), response.getHeaders(), body);
    } finally {
      Arrays.fill(body, (byte) 0); // it may hold keys or secrets
    }
  }

  public static VaultAnswer of(RestClientResponseException answer) {
    return of(
        answer.getStatusCode().value(),
        answer.getResponseHeaders(),
        answer.getResponseBodyAsByteArray());
  }

  public static VaultAnswer of(int status, @Nullable HttpHeaders headers, byte[] body) {
    HttpHeaders known = headers == null ? HttpHeaders.EMPTY : headers;
    long date = known.getFirstDate(HttpHeaders.DATE);
    return new VaultAnswer(
        status,
        parse(body),
        date == -1 ? null : Instant.ofEpochMilli(date),
        location(known),
        known.getFirst(INDEX));
  }

  private static @Nullable URI location(HttpHeaders headers) {
    try {
      return headers.getLocation();
    } catch (IllegalArgumentException ex) {
      return null;
    }
  }

  private static JsonNode parse(byte[] body) {
    if (body.length == 0) {
      return MissingNode.getInstance();
    }
    try {
      return JSON.readTree(body);
    } catch (JacksonException ex) {
      return MissingNode.getInstance();
    }
  }

  public boolean isSuccess() {
    return status == 200 || status == 204;
  }

  /** What an engine says of what it does not hold: {@code 404 {"errors":[]}}. */
  public boolean isNotFound() {
    return status == 404
        && body.path("errors").isArray()
        && body.path("errors").isEmpty()
        && !body.has("data");
  }

  /** Whether the server serves nobody now, whatever was asked for. */
  public boolean isOutage() {
    return status == 429 || status == 412 || status >= 500 || says("Waiting for the primary");
  }

  public boolean says(String text) {
    return errors().stream().anyMatch(error -> error.contains(text));
  }

  public List<String> errors() {
    return body.path("errors").valueStream().map(error -> error.asString("")).toList();
  }

  /** The server's own words on one line, for messages; it never repeats a value that it holds. */
  public String words() {
    String words = String.join("; ", errors()).replaceAll("[\\s\\p{Cntrl}]+", " ").strip();
    if (words.isEmpty()) {
      return body.isMissingNode() && status >= 400 ? "no answer that Vault gives" : "no reason";
    }
    return words.length() <= PRINTED ? words : words.substring(0, PRINTED) + "…";
  }

  @Override
  public String toString() {
    return "VaultAnswer[status=%d, date=%s]".formatted(status, date);
  }
}
