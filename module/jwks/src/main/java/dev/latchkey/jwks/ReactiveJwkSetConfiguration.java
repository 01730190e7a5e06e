package dev.latchkey.jwks;

import dev.latchkey.autoconfigure.key.internal.ServedJwkSet;
import dev.latchkey.autoconfigure.key.internal.ServedJwkSets;
import dev.latchkey.key.internal.JwkSets;
import dev.latchkey.key.live.internal.KeysetRegistry;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication.Type;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.CacheControl;
import org.springframework.http.MediaType;
import org.springframework.web.reactive.function.server.RouterFunction;
import org.springframework.web.reactive.function.server.RouterFunctions;
import org.springframework.web.reactive.function.server.ServerResponse;

/** Serves JWK sets in a reactive application. */
@Configuration(proxyBeanMethods = false)
@ConditionalOnWebApplication(type = Type.REACTIVE)
@ConditionalOnClass(RouterFunction.class)
class ReactiveJwkSetConfiguration {

  @Bean
  RouterFunction<ServerResponse> latchkeyJwkSets(KeysetRegistry registry, ServedJwkSets served) {
    RouterFunctions.Builder routes = RouterFunctions.route();
    for (ServedJwkSet each : served.all()) {
      routes.GET(
          each.path(),
          request ->
              ServerResponse.ok()
                  .contentType(MediaType.APPLICATION_JSON)
                  .cacheControl(CacheControl.maxAge(each.maxAge()).cachePublic())
                  .bodyValue(JwkSets.of(registry.snapshot(each.keyset()))));
    }
    return routes.build();
  }
}
