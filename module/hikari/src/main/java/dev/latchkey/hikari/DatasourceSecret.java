package dev.latchkey.hikari;

import dev.latchkey.LatchkeyException;
import dev.latchkey.client.ClientSecret;
import java.time.Duration;
import javax.sql.DataSource;
import org.springframework.util.ClassUtils;

/**
 * The secret of one data source.
 *
 * @param bean the data source's bean
 * @param drain how long a transaction may go on after others took the credentials' place
 */
record DatasourceSecret(String bean, ClientSecret secret, Duration drain) {

  /** The property as it is set. */
  String describe() {
    return secret.describe();
  }

  LatchkeyException noPool(DataSource dataSource) {
    return new LatchkeyException(
        "%s: the data source '%s' is no HikariCP pool, but a %s"
            .formatted(describe(), bean, ClassUtils.getUserClass(dataSource).getName()),
        "Use HikariCP: com.zaxxer:HikariCP on the class path, and no other spring.datasource.type."
            + " Other pools keep the user and password that they were made with: refer to the"
            + " secret's fields in their properties, and start again when it changes.");
  }
}
