package dev.latchkey.autoconfigure;

import dev.latchkey.autoconfigure.internal.BackendHolder;
import dev.latchkey.env.internal.PropertyLookups;
import org.springframework.boot.EnvironmentPostProcessor;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.bootstrap.ConfigurableBootstrapContext;
import org.springframework.boot.context.config.ConfigDataEnvironmentPostProcessor;
import org.springframework.core.Ordered;
import org.springframework.core.env.ConfigurableEnvironment;

/**
 * Answers references to secrets in properties. Runs as soon as configuration files and profiles are
 * known, so that what Spring Boot reads next, such as {@code logging.*}, may contain references.
 */
final class LatchkeyEnvironmentPostProcessor implements EnvironmentPostProcessor, Ordered {

  private final ConfigurableBootstrapContext bootstrapContext;

  LatchkeyEnvironmentPostProcessor(ConfigurableBootstrapContext bootstrapContext) {
    this.bootstrapContext = bootstrapContext;
  }

  @Override
  public void postProcessEnvironment(
      ConfigurableEnvironment environment, SpringApplication application) {
    BackendHolder backend = new BackendHolder(environment, bootstrapContext);
    PropertyLookups lookups = new PropertyLookups(environment, backend::lookups);
    lookups.answerIn(environment);
    bootstrapContext.addCloseListener(
        event -> {
          backend.becomeBeanOf(event.getApplicationContext());
          lookups.takePartIn(event.getApplicationContext());
        });
  }

  @Override
  public int getOrder() {
    return ConfigDataEnvironmentPostProcessor.ORDER + 1;
  }
}
