package dev.latchkey.samples.quickstart;

import java.security.GeneralSecurityException;
import java.util.Map;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;

@RestController
class OrderController {

  private final OrderRepository orders;

  private final ReceiptSigner receipts;

  OrderController(OrderRepository orders, ReceiptSigner receipts) {
    this.orders = orders;
    this.receipts = receipts;
  }

  @PostMapping("/orders")
  Receipt order(@RequestBody OrderRequest request) throws GeneralSecurityException {
    return receipts.sign(orders.add(request.item(), request.card()));
  }

  @GetMapping("/orders/{id}")
  ResponseEntity<Order> find(@PathVariable long id) throws GeneralSecurityException {
    return ResponseEntity.of(orders.find(id));
  }

  @PostMapping("/receipts/verify")
  Map<String, Boolean> verify(@RequestBody Receipt receipt) {
    return Map.of("genuine", receipts.verify(receipt));
  }

  record OrderRequest(String item, String card) {}
}
