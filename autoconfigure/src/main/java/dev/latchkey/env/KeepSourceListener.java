package dev.latchkey.env;

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

  private final PropertyLookups lookups;

  KeepSourceListener(PropertyLookups lookups) {
    this.lookups = lookups;
  }

  @Override
  public void onApplicationEvent(ApplicationEvent event) {
    if (event.getClass().getName().equals(ENVIRONMENT_CHANGED)) {
      lookups.answerInContext();
    }
  }

  @Override
  public int getOrder() {
    return HIGHEST_PRECEDENCE;
  }
}
