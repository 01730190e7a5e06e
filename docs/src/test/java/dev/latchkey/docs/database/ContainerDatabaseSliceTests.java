package dev.latchkey.docs.database;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.jdbc.test.autoconfigure.AutoConfigureTestDatabase;
import org.springframework.boot.jdbc.test.autoconfigure.AutoConfigureTestDatabase.Replace;
import org.springframework.boot.jdbc.test.autoconfigure.JdbcTest;
import org.springframework.context.annotation.Import;
import org.springframework.jdbc.core.JdbcTemplate;

/** A slice with a database in a container. */
@JdbcTest(properties = Shop.PRODUCTION)
@AutoConfigureTestDatabase(replace = Replace.NONE)
@Import(ContainerDetails.class)
class ContainerDatabaseSliceTests {

  @Autowired JdbcTemplate jdbc;

  @Test
  void connectsAsTheContainersUser() {
    assertThat(jdbc.queryForObject("select current_user", String.class)).isEqualTo("CONTAINER");
  }
}
