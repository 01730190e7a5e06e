package dev.latchkey.samples.quickstart;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.crypto.tink.Aead;
import dev.latchkey.annotation.RotatingKey;
import java.security.GeneralSecurityException;
import java.util.Optional;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** Stores orders with encrypted card numbers, each bound to its order. */
@Repository
class OrderRepository {

  private final JdbcClient jdbc;

  private final Aead aead;

  OrderRepository(JdbcClient jdbc, @RotatingKey("orders") Aead aead) {
    this.jdbc = jdbc;
    this.aead = aead;
  }

  Order add(String item, String card) throws GeneralSecurityException {
    long id = jdbc.sql("select next value for order_ids").query(Long.class).single();
    byte[] encrypted = aead.encrypt(card.getBytes(UTF_8), associatedData(id));
    jdbc.sql("insert into orders (id, item, card) values (?, ?, ?)")
        .params(id, item, encrypted)
        .update();
    return new Order(id, item, card);
  }

  Optional<Order> find(long id) throws GeneralSecurityException {
    Optional<Row> row =
        jdbc.sql("select id, item, card from orders where id = ?")
            .param(id)
            .query(Row.class)
            .optional();
    return row.isPresent() ? Optional.of(decrypt(row.get())) : Optional.empty();
  }

  private Order decrypt(Row row) throws GeneralSecurityException {
    byte[] card = aead.decrypt(row.card(), associatedData(row.id()));
    return new Order(row.id(), row.item(), new String(card, UTF_8));
  }

  private static byte[] associatedData(long id) {
    return ("order " + id).getBytes(UTF_8);
  }

  record Row(long id, String item, byte[] card) {}
}
