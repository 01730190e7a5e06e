package dev.latchkey.hikari;

import com.zaxxer.hikari.HikariCredentialsProvider;
import com.zaxxer.hikari.util.Credentials;
import dev.latchkey.client.RotatingCredentials;
import dev.latchkey.client.UsernamePassword;

/** Gives a pool the current username and password for each connection. */
record PoolCredentials(RotatingCredentials rotating) implements HikariCredentialsProvider {

  @Override
  public Credentials getCredentials() {
    UsernamePassword current = rotating.current();
    return Credentials.of(current.username(), current.password());
  }
}
