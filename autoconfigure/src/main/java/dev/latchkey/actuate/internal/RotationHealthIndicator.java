package dev.latchkey.actuate.internal;

import dev.latchkey.actuate.RotationDescriptor;
import dev.latchkey.key.rotation.KeysetStatus;
import dev.latchkey.key.rotation.RotationStatus;
import dev.latchkey.secret.SecretStatus;
import dev.latchkey.secret.rotating.internal.RotatingSecrets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.springframework.boot.health.contributor.AbstractHealthIndicator;
import org.springframework.boot.health.contributor.Health;

/**
 * Health indicator for keysets and secrets. It stays {@code UP} with details during an outage of
 * the store: the application keeps working with the keys and secrets in memory, and a restart would
 * lose them.
 *
 * @since 0.1
 */
public final class RotationHealthIndicator extends AbstractHealthIndicator {

  private final RotationStatus rotation;
  private final RotatingSecrets secrets;

  public RotationHealthIndicator(RotationStatus rotation, RotatingSecrets secrets) {
    super("Health check of keysets and secrets failed");
    this.rotation = rotation;
    this.secrets = secrets;
  }

  @Override
  protected void doHealthCheck(Health.Builder builder) {
    builder.up();
    rotation.keysets().forEach((name, status) -> builder.withDetail(name, detail(status)));
    secrets.status().forEach((name, status) -> builder.withDetail(name, detail(status)));
  }

  private static Map<String, Object> detail(KeysetStatus status) {
    Map<String, Object> detail = new LinkedHashMap<>();
    detail.put("generation", status.generation());
    detail.put("freshness", RotationDescriptor.Freshness.of(status.freshness()));
    if (status.problem() != null) {
      detail.put("problem", status.problem());
    }
    return detail;
  }

  private static Map<String, Object> detail(SecretStatus status) {
    Map<String, Object> detail = new LinkedHashMap<>();
    detail.put("version", status.version());
    detail.put("confirmed", status.confirmedAt());
    if (status.stale()) {
      detail.put("stale", true);
    }
    if (status.problem() != null) {
      detail.put("problem", status.problem());
    }
    return detail;
  }
}
