package dev.latchkey.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.BDDMockito.given;

import com.google.crypto.tink.Aead;
import dev.latchkey.annotation.RotatingKey;
import dev.latchkey.autoconfigure.key.KeysetAutoConfiguration;
import org.junit.jupiter.api.Test;
import org.mockito.Mockito;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.test.context.bean.override.mockito.MockitoBean;

@SpringBootTest(
    webEnvironment = SpringBootTest.WebEnvironment.NONE,
    properties = {
      "latchkey.store.type=memory",
      "latchkey.keysets.orders.template=AES256_GCM",
      "latchkey.keysets.invoices.template=AES256_GCM",
    })
@SuppressWarnings("NullAway.Init")
class RotatingKeyMockTests {

  @MockitoBean
  @RotatingKey("orders")
  Aead orders;

  @Autowired Service service;

  @Test
  void mocksOnePrimitiveWhenItsKeysetIsNamed() throws Exception {
    given(orders.encrypt(any(), any())).willReturn(new byte[] {42});
    assertThat(service.orders.encrypt(new byte[0], new byte[0])).containsExactly(42);
    assertThat(Mockito.mockingDetails(service.invoices).isMock()).isFalse();
  }

  @Configuration(proxyBeanMethods = false)
  @ImportAutoConfiguration({KeysetAutoConfiguration.class, RotatingKeyAutoConfiguration.class})
  @Import(Service.class)
  static class Application {}

  static class Service {

    final Aead orders;
    final Aead invoices;

    Service(@RotatingKey("orders") Aead orders, @RotatingKey("invoices") Aead invoices) {
      this.orders = orders;
      this.invoices = invoices;
    }
  }
}
