package dev.latchkey.env.internal;

import org.springframework.context.ApplicationEvent;
import org.springframework.context.ApplicationListener;
import org.springframework.core.Ordered;

/**
 * Puts the application's own property source back after a refresh by Spring Cloud, which prepares
 * another environment for a moment and takes every property source over from there: ours would then
 * look up everything anew, with another login. Comes before whatever binds properties again.
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
