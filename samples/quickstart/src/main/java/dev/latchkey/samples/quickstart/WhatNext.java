package dev.latchkey.samples.quickstart;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;

/** Prints what to try, once the service runs. */
@Component
class WhatNext {

  @EventListener
  void print(ApplicationReadyEvent event) {
    String port = event.getApplicationContext().getEnvironment().getProperty("local.server.port");
    System.out.println(text(port));
  }

  private static String text(@Nullable String port) {
    return """

        The order service runs. In another terminal:

          Order something; the answer is a signed receipt:
            curl -s -H 'Content-Type: application/json' \\
              -d '{"item":"Espresso machine","card":"4111 1111 1111 1111"}' localhost:%1$s/orders
          Read it back, decrypted:
            curl -s localhost:%1$s/orders/1
          See the keys, then rotate them, then read the order again:
            curl -s localhost:%1$s/actuator/rotation/orders
            curl -s -H 'Content-Type: application/json' \\
              -d '{"action":"rotate"}' localhost:%1$s/actuator/rotation/orders
            curl -s localhost:%1$s/orders/1

        On a shared server every instance must know a new key for a day before it is used: there,
        rotate with '{"action":"rotate","force":true}', or wait.

        Stop it with Ctrl-C; after the next start it still decrypts.
        """
        .formatted(port);
  }
}
