package org.springframework.cloud.context.environment;

import org.springframework.context.ApplicationEvent;

/** Has the name of Spring Cloud's event, which our tests do without. */
public final class EnvironmentChangeEvent extends ApplicationEvent {

  public EnvironmentChangeEvent(Object source) {
    super(source);
  }
}
