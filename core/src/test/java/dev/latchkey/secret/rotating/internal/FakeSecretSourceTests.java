package dev.latchkey.secret.rotating.internal;

import dev.latchkey.secret.SecretSource;
import dev.latchkey.secret.SecretValue;
import dev.latchkey.test.LeaseContract;
import java.time.Clock;

/** Shows that the leases of the tests behave like those of a real store. */
class FakeSecretSourceTests extends LeaseContract {

  private final FakeSecretSource source =
      new FakeSecretSource(Clock.systemUTC()).leasing(standard(), maximum());

  @Override
  protected SecretSource source() {
    return source;
  }

  @Override
  protected String path() {
    return "database/creds/orders";
  }

  @Override
  protected boolean isValid(SecretValue credentials) {
    return source.isAlive(credentials);
  }
}
