package dev.latchkey.docs.slices;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.crypto.tink.Aead;
import dev.latchkey.annotation.RotatingKey;
import java.security.GeneralSecurityException;
import java.util.Base64;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;

@RestController
class Orders {

  @RotatingKey("orders")
  @Nullable Aead aead;

  private final String partner;

  Orders(@Value("${vault@secret/partner#name}") String partner) {
    this.partner = partner;
  }

  @GetMapping("/partner")
  String partner() {
    return partner;
  }

  @GetMapping("/encrypted/{text}")
  String encrypted(@PathVariable String text) throws GeneralSecurityException {
    return aead == null
        ? ""
        : Base64.getEncoder().encodeToString(aead.encrypt(text.getBytes(UTF_8), new byte[0]));
  }
}
