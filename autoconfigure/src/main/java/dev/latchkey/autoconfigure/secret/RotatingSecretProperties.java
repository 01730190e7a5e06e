package dev.latchkey.autoconfigure.secret;

import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Rotating secrets.
 *
 * @param secrets Secrets by name. Names follow the rules of keyset names, and no keyset may have
 *     the same name.
 */
@ConfigurationProperties("latchkey")
record RotatingSecretProperties(@DefaultValue Map<String, Secret> secrets) {

  /**
   * One rotating secret.
   *
   * @param reference Reference to a whole path, such as vault@secret/payments. Required.
   * @param overlap How long leased credentials stay valid after they were replaced, so that their
   *     users can finish. At most a third of the lease's maximum lifetime.
   * @param maxAge How long a value is served after the store last confirmed it; for leased
   *     credentials, after their lease expired. If not set, indefinitely, so that an outage of the
   *     store stops no application.
   */
  record Secret(
      @Nullable String reference,
      @DefaultValue("30s") Duration overlap,
      @Nullable Duration maxAge) {}
}
