package dev.latchkey.rabbitmq;

import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.LongString;
import com.rabbitmq.client.SaslConfig;
import com.rabbitmq.client.SaslMechanism;
import com.rabbitmq.client.impl.CredentialsProvider;
import dev.latchkey.client.RotatingCredentials;
import dev.latchkey.client.UsernamePassword;
import org.jspecify.annotations.Nullable;

/**
 * Gives RabbitMQ's client rotating credentials for each new connection. The client itself asks for
 * username and password in two calls, between which they may rotate; so the SASL mechanism answers
 * with both of one version.
 *
 * @since 0.1
 */
public final class RotatingRabbitCredentials implements SaslConfig {

  private final RotatingCredentials credentials;
  private final SaslConfig mechanisms;

  RotatingRabbitCredentials(RotatingCredentials credentials, SaslConfig mechanisms) {
    this.credentials = credentials;
    this.mechanisms = mechanisms;
  }

  /** Lets a factory, and its clones, log in with these credentials. Keeps its SASL mechanism. */
  public static void applyTo(ConnectionFactory factory, RotatingCredentials credentials) {
    factory.setSaslConfig(new RotatingRabbitCredentials(credentials, factory.getSaslConfig()));
    factory.setCredentialsProvider(new Current(credentials));
  }

  @Override
  public @Nullable SaslMechanism getSaslMechanism(String[] offered) {
    SaslMechanism mechanism = mechanisms.getSaslMechanism(offered);
    return mechanism == null ? null : new Login(mechanism, credentials.current());
  }

  private record Login(SaslMechanism mechanism, UsernamePassword credentials)
      implements SaslMechanism {

    @Override
    public String getName() {
      return mechanism.getName();
    }

    @Override
    public LongString handleChallenge(LongString challenge, String username, String password) {
      return mechanism.handleChallenge(challenge, credentials.username(), credentials.password());
    }
  }

  /** For those that ask which user the factory logs in as. */
  private record Current(RotatingCredentials credentials) implements CredentialsProvider {

    @Override
    public String getUsername() {
      return credentials.current().username();
    }

    @Override
    public String getPassword() {
      return credentials.current().password();
    }
  }
}
