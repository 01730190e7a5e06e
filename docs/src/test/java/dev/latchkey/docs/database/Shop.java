package dev.latchkey.docs.database;

import org.springframework.boot.autoconfigure.SpringBootApplication;

@SpringBootApplication
class Shop {

  /** Production properties. The tests have neither the server nor the account that they name. */
  static final String PRODUCTION =
      """
      spring.application.name=shop
      spring.datasource.url=jdbc:postgresql://db.example.org/shop
      latchkey.vault.uri=https://vault.example.org
      latchkey.vault.authentication=kubernetes
      latchkey.vault.kubernetes.role=shop
      latchkey.secrets.orders-db.reference=vault@database/creds/orders
      latchkey.datasource.secret=orders-db
      """;
}
