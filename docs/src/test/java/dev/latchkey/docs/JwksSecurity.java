package dev.latchkey.docs;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.web.SecurityFilterChain;

@Configuration(proxyBeanMethods = false)
class JwksSecurity {

  @Bean
  @Order(0)
  SecurityFilterChain jwks(HttpSecurity http) {
    return http.securityMatcher("/.well-known/jwks.json")
        .authorizeHttpRequests(requests -> requests.anyRequest().permitAll())
        .build();
  }
}
