package dev.latchkey.actuate;

import dev.latchkey.rotation.KeysetStatus;
import dev.latchkey.rotation.RotationStatus;
import dev.latchkey.secret.SecretStatus;
import dev.latchkey.secret.rotating.internal.RotatingSecrets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.springframework.boot.health.contributor.AbstractHealthIndicator;
import org.springframework.boot.health.contributor.Health;

/**
 * The health of keysets and secrets. Stays up while the store is out, with the details: what is in
 * memory serves, and a restart would make things worse.
 *
 * @since 0.1
 */
public final class RotationHealthIndicator extends AbstractHealthIndicator {

  private final RotationStatus rotation;
  private final RotatingSecrets secrets;

  public RotationHealthIndicator(RotationStatus rotation, RotatingSecrets secrets) {
    super("The health of keysets and secrets could not be told");
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
    detail.put("generation", status.snapshot().generation());
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
      detail.put("withheld", true);
    }
    if (status.problem() != null) {
      detail.put("problem", status.problem());
    }
    return detail;
  }
}
