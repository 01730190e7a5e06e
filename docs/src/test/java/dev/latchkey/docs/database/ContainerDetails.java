package dev.latchkey.docs.database;

import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;

/** Connection details like those of a container, for an in-memory database. */
final class ContainerDetails implements JdbcConnectionDetails {

  @Override
  public String getUsername() {
    return "container";
  }

  @Override
  public String getPassword() {
    return "of-the-container";
  }

  @Override
  public String getJdbcUrl() {
    return "jdbc:h2:mem:container";
  }
}
