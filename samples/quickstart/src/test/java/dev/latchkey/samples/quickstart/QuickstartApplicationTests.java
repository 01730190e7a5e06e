package dev.latchkey.samples.quickstart;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.core.env.Environment;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;

@SpringBootTest(
    webEnvironment = WebEnvironment.RANDOM_PORT,
    properties = {"latchkey.store.type=memory", "spring.datasource.url=jdbc:h2:mem:quickstart"})
class QuickstartApplicationTests {

  private static final String CARD = "4111 1111 1111 1111";

  @Autowired private Environment environment;

  @Autowired private JdbcClient jdbc;

  private OrderServiceClient client;

  @BeforeEach
  void connect() {
    client =
        new OrderServiceClient(environment.getRequiredProperty("local.server.port", int.class));
  }

  @Test
  void decryptsOrderAfterRotation() {
    JsonNode receipt = client.order("Espresso machine", CARD);
    client.rotate("orders");
    assertThat(client.find(receipt).get("card").stringValue()).isEqualTo(CARD);
    JsonNode keys = client.rotation("orders").get("keys");
    assertThat(StreamSupport.stream(keys.spliterator(), false))
        .extracting(key -> key.get("state").stringValue())
        .contains("RETIRED", "ACTIVE", "PENDING");
  }

  @Test
  void storesCardNumberEncrypted() {
    JsonNode receipt = client.order("Grinder", CARD);
    byte[] stored =
        jdbc.sql("select card from orders where id = ?")
            .param(receipt.get("order").longValue())
            .query(byte[].class)
            .single();
    assertThat(new String(stored)).doesNotContain("4111");
  }

  @Test
  void distinguishesForgedFromGenuineReceipt() {
    JsonNode receipt = client.order("Kettle", CARD);
    client.rotate("receipts");
    assertThat(client.genuine(receipt)).isTrue();
    assertThat(
            client.genuine(
                Map.of(
                    "order", receipt.get("order"),
                    "item", "Two kettles",
                    "signature", receipt.get("signature"))))
        .isFalse();
  }
}
