package dev.latchkey.docs.database;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.context.annotation.Import;
import org.springframework.jdbc.core.JdbcTemplate;

/** The whole application with a database in a container. */
@SpringBootTest(properties = Shop.PRODUCTION)
@Import(ContainerDetails.class)
class ContainerDatabaseTests {

  @Autowired JdbcTemplate jdbc;

  @Test
  void connectsAsTheContainersUser() {
    assertThat(jdbc.queryForObject("select current_user", String.class)).isEqualTo("CONTAINER");
  }
}
