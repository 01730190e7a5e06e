package dev.latchkey.docs.database;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.jdbc.test.autoconfigure.JdbcTest;
import org.springframework.jdbc.core.JdbcTemplate;

/** A slice with an embedded database, which is the default. */
@JdbcTest(properties = Shop.PRODUCTION)
class EmbeddedDatabaseSliceTests {

  @Autowired JdbcTemplate jdbc;

  @Test
  void connectsToTheEmbeddedDatabase() {
    assertThat(jdbc.queryForObject("select current_user", String.class)).isEqualTo("SA");
  }
}
