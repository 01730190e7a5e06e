package dev.latchkey.docs.slices;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.jdbc.test.autoconfigure.AutoConfigureTestDatabase;
import org.springframework.boot.jdbc.test.autoconfigure.AutoConfigureTestDatabase.Replace;
import org.springframework.boot.jdbc.test.autoconfigure.JdbcTest;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.test.context.TestPropertySource;

/** A slice whose password is overridden, as a reference and as an import. */
@JdbcTest(
    properties = {
      "spring.datasource.url=jdbc:h2:mem:orders",
      "spring.datasource.password=${vault@secret/orders-db#password}",
      "spring.config.import=latchkey:secret/orders-user?prefix=spring.datasource."
    })
@AutoConfigureTestDatabase(replace = Replace.NONE)
@TestPropertySource(
    properties = {"vault@secret/orders-db#password=test", "vault@secret/orders-user#username=shop"})
class JdbcSliceTests {

  @Autowired JdbcTemplate jdbc;
  @Autowired DataSource dataSource;

  @Test
  void connectsWithThePasswordOfTheTest() throws Exception {
    assertThat(jdbc.queryForObject("select current_user", String.class)).isEqualTo("SHOP");
    assertThat(dataSource.unwrap(HikariDataSource.class).getPassword()).isEqualTo("test");
  }
}
