package dev.latchkey.actuate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.Map;
import java.util.UUID;
import javax.management.MBeanException;
import javax.management.MBeanOperationInfo;
import javax.management.MBeanParameterInfo;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.junit.jupiter.api.Test;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;

class RotationEndpointJmxTests {

  private final MBeanServer server = ManagementFactory.getPlatformMBeanServer();

  @Test
  void rotatesOnDemandAndThrowsWhenRefused() throws Exception {
    String domain = "latchkey" + UUID.randomUUID();
    try (ConfigurableApplicationContext ignored =
        new SpringApplicationBuilder(Application.class)
            .web(WebApplicationType.NONE)
            .run(
                "--latchkey.store.type=memory",
                "--latchkey.keysets.orders.template=AES256_GCM",
                "--latchkey.keysets.receipts.template=ED25519",
                "--latchkey.keysets.receipts.rotation.propagation=24h",
                "--spring.jmx.enabled=true",
                "--management.endpoints.jmx.domain=" + domain,
                "--management.endpoints.jmx.exposure.include=rotation",
                "--management.endpoint.rotation.access=unrestricted")) {
      ObjectName endpoint = new ObjectName(domain + ":type=Endpoint,name=Rotation");

      assertThat((Map<?, ?>) invoke(endpoint, "perform", "orders", "rotate", null, null))
          .extracting("action")
          .isEqualTo("rotate");
      assertThat((Map<?, ?>) invoke(endpoint, "named", "orders"))
          .extracting("generation")
          .hasToString("2");

      assertThatExceptionOfType(MBeanException.class)
          .isThrownBy(() -> invoke(endpoint, "perform", "receipts", "rotate", null, null))
          .satisfies(
              ex ->
                  assertThat(ex.getTargetException().getMessage())
                      .contains("can be promoted from", "when every instance knows it"));
      assertThatExceptionOfType(MBeanException.class)
          .isThrownBy(() -> invoke(endpoint, "perform", "orders", "restore", null, null))
          .satisfies(
              ex ->
                  assertThat(ex.getTargetException().getMessage())
                      .contains("nothing in memory is newer"));
      assertThatExceptionOfType(MBeanException.class)
          .isThrownBy(() -> invoke(endpoint, "perform", "orders", "destroy", "7", null))
          .satisfies(
              ex -> assertThat(ex.getTargetException().getMessage()).contains("there is no key 7"));
    }
  }

  private Object invoke(ObjectName endpoint, String operation, Object... arguments)
      throws Exception {
    MBeanOperationInfo info =
        Arrays.stream(server.getMBeanInfo(endpoint).getOperations())
            .filter(each -> each.getName().equals(operation))
            .findFirst()
            .orElseThrow();
    String[] signature =
        Arrays.stream(info.getSignature()).map(MBeanParameterInfo::getType).toArray(String[]::new);
    return server.invoke(endpoint, operation, arguments, signature);
  }

  @Configuration(proxyBeanMethods = false)
  @EnableAutoConfiguration
  static class Application {}
}
