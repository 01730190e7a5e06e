package dev.latchkey.vault.internal.secret;

import dev.latchkey.secret.SecretSource;
import dev.latchkey.secret.SecretValue;
import dev.latchkey.test.BaoServer;
import dev.latchkey.test.LeaseContract;
import dev.latchkey.test.internal.database.DatabaseSecrets;
import dev.latchkey.test.internal.database.PostgresServer;
import dev.latchkey.vault.internal.client.VaultConnection;
import dev.latchkey.vault.internal.client.VaultTestConnection;
import java.sql.SQLException;
import org.junit.jupiter.api.AfterEach;

final class VaultLeaseIntegrationTests extends LeaseContract {

  private final BaoServer server = BaoServer.shared();
  private final PostgresServer database = PostgresServer.shared();
  private final VaultConnection connection = VaultTestConnection.root(server);
  private final VaultSecretSource source = new VaultSecretSource(connection);
  private final String path = DatabaseSecrets.mount(server, database).role(standard(), maximum());

  @AfterEach
  void close() {
    connection.close();
  }

  @Override
  protected SecretSource source() {
    return source;
  }

  @Override
  protected String path() {
    return path;
  }

  @Override
  protected boolean isValid(SecretValue credentials) {
    try {
      database.connect(credentials.get("username"), credentials.get("password")).close();
      return true;
    } catch (SQLException ex) {
      return false;
    }
  }
}
