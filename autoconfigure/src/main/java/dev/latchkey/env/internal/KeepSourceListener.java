package dev.latchkey.env.internal;

import org.springframework.context.ApplicationEvent;
import org.springframework.context.ApplicationListener;
import org.springframework.core.Ordered;

/**
 * Restores the application's own property source after a refresh by Spring Cloud, which copies all
 * property sources from a temporary environment. The copied source would repeat all lookups with a
 * login of its own. This listener runs before properties are bound again.
 */
final class KeepSourceListener implements ApplicationListener<ApplicationEvent>, Ordered {

  private static final String ENVIRONMENT_CHANGED =
      "org.springframework.cloud.context.environment.EnvironmentChangeEvent";

  private final Runnable putBack;

  KeepSourceListener(Runnable putBack) {
    this.putBack = putBack;
  }

  @Override
  public void onApplicationEvent(ApplicationEvent event) {
    if (event.getClass().getName().equals(ENVIRONMENT_CHANGED)) {
      putBack.run();
    }
  }

  @Override
  public int getOrder() {
    return HIGHEST_PRECEDENCE;
  }
}
