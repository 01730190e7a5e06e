package dev.latchkey.docs.slices;

import static org.assertj.core.api.Assertions.assertThat;
import static org.mockito.ArgumentMatchers.any;
import static org.mockito.BDDMockito.given;

import com.google.crypto.tink.Aead;
import dev.latchkey.annotation.RotatingKey;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.webmvc.test.autoconfigure.AutoConfigureMockMvc;
import org.springframework.boot.webmvc.test.autoconfigure.WebMvcTest;
import org.springframework.test.context.TestPropertySource;
import org.springframework.test.context.bean.override.mockito.MockitoBean;
import org.springframework.test.web.servlet.assertj.MockMvcTester;

/** A slice with a mocked primitive, which needs no keyset. */
@WebMvcTest
@AutoConfigureMockMvc(addFilters = false)
@TestPropertySource(properties = "vault@secret/partner#name=test")
class MockedWebSliceTests {

  @Autowired MockMvcTester mvc;

  @MockitoBean
  @RotatingKey("orders")
  Aead aead;

  @Test
  void encryptsWithTheReplacement() throws Exception {
    given(aead.encrypt(any(), any())).willReturn(new byte[] {1, 2, 3});

    assertThat(mvc.get().uri("/encrypted/card")).bodyText().isEqualTo("AQID");
  }
}
