package dev.latchkey.hikari;

import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import dev.latchkey.client.RotatingCredentials;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.mock.env.MockEnvironment;

class PoolChecksTests {

  private final SecretFixture fixture = new SecretFixture();

  @AfterEach
  void close() {
    fixture.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "jdbc:oracle:thin:@//db:1521/shop",
        "jdbc:oracle:thin:/@shop",
        "jdbc:postgresql://db/shop?applicationName=a@b&currentUser=x",
        "jdbc:mysql://db/shop?useSSL=true"
      })
  void acceptsUrlsWithoutCredentials(String url) {
    try (HikariDataSource pool = new HikariDataSource()) {
      pool.setJdbcUrl(url);

      assertThat(
              new PoolChecks(
                      "dataSource", RotatingCredentials.of(fixture.secret), new MockEnvironment())
                  .pool(pool))
          .isSameAs(pool);
    }
  }
}
