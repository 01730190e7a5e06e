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
import org.springframework.web.servlet.function.RouterFunction;
import org.springframework.web.servlet.function.RouterFunctions;
import org.springframework.web.servlet.function.ServerResponse;

/** Serves JWK sets in a servlet application. */
@Configuration(proxyBeanMethods = false)
@ConditionalOnWebApplication(type = Type.SERVLET)
@ConditionalOnClass(RouterFunction.class)
class ServletJwkSetConfiguration {

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
                  .body(JwkSets.of(registry.snapshot(each.keyset()))));
    }
    return routes.build();
  }
}
