package dev.latchkey.autoconfigure.internal;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How Latchkey follows the store.
 *
 * @param interval How often keysets and secrets are read from the store again.
 */
@ConfigurationProperties("latchkey.refresh")
public record RefreshProperties(@DefaultValue(DEFAULT_INTERVAL) Duration interval) {

  public static final String DEFAULT_INTERVAL = "60s";

  public RefreshProperties {
    Durations.requirePositive("latchkey.refresh.interval", interval);
  }
}
