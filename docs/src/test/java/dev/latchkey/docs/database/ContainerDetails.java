package dev.latchkey.docs.database;

import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;

/** What a container with a service connection gives, of a database that needs none. */
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
