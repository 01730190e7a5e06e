/** RabbitMQ connections whose user and password rotate. */
@NullMarked
package dev.latchkey.rabbitmq;

import org.jspecify.annotations.NullMarked;
