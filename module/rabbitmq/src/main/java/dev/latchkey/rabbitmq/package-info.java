/** RabbitMQ connections that log in with a rotating secret. */
@NullMarked
package dev.latchkey.rabbitmq;

import org.jspecify.annotations.NullMarked;
