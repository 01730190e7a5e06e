package dev.latchkey.docs.slices;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.autoconfigure.RotatingKeyAutoConfiguration;
import dev.latchkey.autoconfigure.key.KeysetAutoConfiguration;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.webmvc.test.autoconfigure.AutoConfigureMockMvc;
import org.springframework.boot.webmvc.test.autoconfigure.WebMvcTest;
import org.springframework.test.context.TestPropertySource;
import org.springframework.test.web.servlet.assertj.MockMvcTester;

/** A slice with a keyset in memory and overridden references. */
@WebMvcTest
@AutoConfigureMockMvc(addFilters = false)
@TestPropertySource(
    properties = {
      "vault@secret/partner#name=test",
      "latchkey.store.type=memory",
      "latchkey.keysets.orders.template=AES256_GCM"
    })
@ImportAutoConfiguration({KeysetAutoConfiguration.class, RotatingKeyAutoConfiguration.class})
class WebSliceTests {

  @Autowired MockMvcTester mvc;

  @Test
  void answersReferencesAndEncrypts() {
    assertThat(mvc.get().uri("/partner")).bodyText().isEqualTo("test");
    assertThat(mvc.get().uri("/encrypted/card")).hasStatusOk().bodyText().hasSizeGreaterThan(40);
  }
}
