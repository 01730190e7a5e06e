package dev.latchkey.docs.database;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.jdbc.test.autoconfigure.AutoConfigureTestDatabase;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.jdbc.core.JdbcTemplate;

/** The whole application with an embedded database instead of its own. */
@SpringBootTest(properties = Shop.PRODUCTION)
@AutoConfigureTestDatabase
class EmbeddedDatabaseTests {

  @Autowired JdbcTemplate jdbc;

  @Test
  void connectsToTheEmbeddedDatabase() {
    assertThat(jdbc.queryForObject("select current_user", String.class)).isEqualTo("SA");
  }
}
