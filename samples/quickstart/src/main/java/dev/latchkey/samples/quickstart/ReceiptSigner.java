package dev.latchkey.samples.quickstart;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.crypto.tink.PublicKeySign;
import com.google.crypto.tink.PublicKeyVerify;
import dev.latchkey.annotation.RotatingKey;
import java.security.GeneralSecurityException;
import java.util.Base64;
import org.springframework.stereotype.Component;

/** Signs receipts and verifies their signatures. */
@Component
class ReceiptSigner {

  @RotatingKey("receipts")
  private PublicKeySign signer;

  @RotatingKey("receipts")
  private PublicKeyVerify verifier;

  Receipt sign(Order order) throws GeneralSecurityException {
    byte[] signature = signer.sign(text(order.id(), order.item()));
    return new Receipt(order.id(), order.item(), Base64.getEncoder().encodeToString(signature));
  }

  boolean verify(Receipt receipt) {
    try {
      byte[] signature = Base64.getDecoder().decode(receipt.signature());
      verifier.verify(signature, text(receipt.order(), receipt.item()));
      return true;
    } catch (GeneralSecurityException | IllegalArgumentException ex) {
      return false;
    }
  }

  private static byte[] text(long order, String item) {
    return "order %d: %s".formatted(order, item).getBytes(UTF_8);
  }
}
