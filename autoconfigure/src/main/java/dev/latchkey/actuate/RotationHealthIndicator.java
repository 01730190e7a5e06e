package dev.latchkey.actuate;

import dev.latchkey.rotation.KeysetStatus;
import dev.latchkey.rotation.RotationStatus;
import java.util.LinkedHashMap;
import java.util.Map;
import org.springframework.boot.health.contributor.AbstractHealthIndicator;
import org.springframework.boot.health.contributor.Health;

/**
 * The health of the keysets. Stays up while the store is out, with the details: the keys in memory
 * serve, and a restart would make things worse.
 *
 * @since 0.1
 */
public final class RotationHealthIndicator extends AbstractHealthIndicator {

  private final RotationStatus rotation;

  public RotationHealthIndicator(RotationStatus rotation) {
    super("The health of the keysets could not be told");
    this.rotation = rotation;
  }

  @Override
  protected void doHealthCheck(Health.Builder builder) {
    builder.up();
    rotation.keysets().forEach((name, status) -> builder.withDetail(name, detail(status)));
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
}
