package dev.latchkey.vault.internal.client;

import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collections;
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
 * A response of Vault.
 *
 * @param status HTTP status
 * @param body JSON body; a missing node if there is none
 * @param date Vault's clock, to the second; null if a proxy removed the header
 * @param location target of a redirect, or null
 * @param index replication index that Vault reported, or null
 * @param retryAfter how long the client is to wait before it repeats the request; zero if not given
 */
public record VaultAnswer(
    int status,
    JsonNode body,
    @Nullable Instant date,
    @Nullable URI location,
    @Nullable String index,
    Duration retryAfter) {

  public static final String INDEX = "X-Vault-Index";

  /** Preserves the digits of numbers: {@code 1.10} stays {@code 1.10}. */
  public static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
          .build();

  private static final int PRINTED = 300;

  private static final Duration MAX_RETRY_AFTER = Duration.ofMinutes(1);

  public static VaultAnswer of(ClientHttpResponse response) throws IOException {
    byte[] body = new BoundedResponse(response).getBody().readAllBytes();
    try {
      return of(response.getStatusCode().value(), response.getHeaders(), body);
    } finally {
      Arrays.fill(body, (byte) 0); // it may contain keys or secrets
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
        known.getFirst(INDEX),
        retryAfter(known.getFirst(HttpHeaders.RETRY_AFTER)));
  }

  /** In seconds (RFC 9110, section 10.2.3); Vault sends no dates. */
  private static Duration retryAfter(@Nullable String header) {
    return header != null && header.matches("\\d{1,6}")
        ? Collections.min(List.of(Duration.ofSeconds(Long.parseLong(header)), MAX_RETRY_AFTER))
        : Duration.ZERO;
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

  /** Whether the secrets engine reports that nothing exists: {@code 404 {"errors":[]}}. */
  public boolean isNotFound() {
    return status == 404
        && body.path("errors").isArray()
        && body.path("errors").isEmpty()
        && !body.has("data");
  }

  /** Whether the server cannot serve any request at the moment. */
  public boolean isOutage() {
    return status == 429
        || status == 412
        || status >= 500
        || says("Waiting for the primary")
        || isDeniedByAnother();
  }

  /** Whether Vault denies permission: only its own response says anything about a token. */
  public boolean isDenied() {
    return status == 403 && body.path("errors").isArray();
  }

  /** Whether something in front of Vault denies the request, such as a proxy. */
  public boolean isDeniedByAnother() {
    return status == 403 && !isDenied();
  }

  public boolean says(String text) {
    return errors().stream().anyMatch(error -> error.contains(text));
  }

  public List<String> errors() {
    return body.path("errors").valueStream().map(error -> error.asString("")).toList();
  }

  /** Vault's error messages on one line. Vault never repeats a secret in them. */
  public String words() {
    String words = String.join("; ", errors()).replaceAll("[\\s\\p{Cntrl}]+", " ").strip();
    if (words.isEmpty()) {
      return body.isMissingNode() && status >= 400 ? "not a response of Vault" : "no reason given";
    }
    return words.length() <= PRINTED ? words : words.substring(0, PRINTED) + "…";
  }

  @Override
  public String toString() {
    return "VaultAnswer[status=%d, date=%s]".formatted(status, date);
  }
}
