package dev.latchkey.samples.quickstart;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;

/** Prints example requests when the service has started. */
@Component
class WhatNext {

  @EventListener
  void print(ApplicationReadyEvent event) {
    String port = event.getApplicationContext().getEnvironment().getProperty("local.server.port");
    System.out.println(text(port));
  }

  private static String text(@Nullable String port) {
    return """

        The order service is running. In another terminal:

          Place an order. The response is a signed receipt:
            curl -s -H 'Content-Type: application/json' \\
              -d '{"item":"Espresso machine","card":"4111 1111 1111 1111"}' localhost:%1$s/orders
          Read the order. Its card number is decrypted:
            curl -s localhost:%1$s/orders/1
          Show the keys, rotate them, and read the order again:
            curl -s localhost:%1$s/actuator/rotation/orders
            curl -s -H 'Content-Type: application/json' \\
              -d '{"action":"rotate"}' localhost:%1$s/actuator/rotation/orders
            curl -s localhost:%1$s/orders/1

        With Vault, a new key is published for a day before it is used, so that every instance knows
        it. To rotate earlier, use '{"action":"rotate","force":true}'.

        Stop the service with Ctrl-C. After a restart, it still decrypts the order.
        """
        .formatted(port);
  }
}
