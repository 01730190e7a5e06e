package dev.latchkey.client;

import java.util.stream.Stream;

/** Properties that say which clients take user and password from which secrets. */
public interface ClientProperties {

  /** Names of secrets, as in {@code latchkey.secrets}. */
  Stream<String> secrets();
}
