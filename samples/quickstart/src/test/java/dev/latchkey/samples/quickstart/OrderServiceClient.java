package dev.latchkey.samples.quickstart;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Client of the order service. */
record OrderServiceClient(int port) {

  private static final HttpClient HTTP = HttpClient.newHttpClient();

  JsonNode order(String item, String card) {
    return post("/orders", Map.of("item", item, "card", card));
  }

  JsonNode find(JsonNode receipt) {
    return get("/orders/" + receipt.get("order"));
  }

  boolean genuine(Object receipt) {
    return post("/receipts/verify", receipt).get("genuine").booleanValue();
  }

  JsonNode rotation(String keyset) {
    return get("/actuator/rotation/" + keyset);
  }

  JsonNode rotate(String keyset) {
    return post("/actuator/rotation/" + keyset, Map.of("action", "rotate"));
  }

  JsonNode forceRotation(String keyset) {
    return post("/actuator/rotation/" + keyset, Map.of("action", "rotate", "force", true));
  }

  JsonNode get(String path) {
    return send(request(path).GET());
  }

  private JsonNode post(String path, Object body) {
    return send(
        request(path)
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(JsonMapper.shared().writeValueAsString(body))));
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create("http://localhost:" + port + path));
  }

  private static JsonNode send(HttpRequest.Builder request) {
    try {
      HttpResponse<String> response = HTTP.send(request.build(), BodyHandlers.ofString());
      if (response.statusCode() != 200) {
        throw new IllegalStateException(response + " " + response.body());
      }
      return JsonMapper.shared().readTree(response.body());
    } catch (IOException ex) {
      throw new UncheckedIOException(ex);
    } catch (InterruptedException ex) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(ex);
    }
  }
}
