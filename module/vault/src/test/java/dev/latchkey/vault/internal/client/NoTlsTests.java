package dev.latchkey.vault.internal.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.Test;

class NoTlsTests {

  @Test
  void isWhatAnAddressWithoutTlsGets() {
    assertThat(contextFor("http://localhost:8200")).isInstanceOf(NoTls.class);
    assertThat(contextFor("HTTP://127.0.0.1:8200")).isInstanceOf(NoTls.class);
    assertThat(contextFor("https://vault.example.org:8200")).isNotInstanceOf(NoTls.class);
    assertThat(contextFor("HTTPS://localhost:8200")).isNotInstanceOf(NoTls.class);
  }

  @Test
  void encryptsNothingAndTrustsNobody() {
    SSLContext none = new NoTls();

    assertThatThrownBy(none::createSSLEngine).hasMessage("an address without TLS");
    assertThatThrownBy(none::getSocketFactory).hasMessage("an address without TLS");
    assertThat(none.getSupportedSSLParameters().getProtocols()).isEmpty();
  }

  private static SSLContext contextFor(String uri) {
    VaultAddress address = VaultAddress.parse(uri, false, null);
    return VaultConnection.client(VaultTestConnection.settings(URI.create(uri)), address)
        .sslContext();
  }
}
