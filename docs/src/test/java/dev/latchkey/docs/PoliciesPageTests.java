package dev.latchkey.docs;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.key.KeysetId;
import dev.latchkey.vault.internal.client.PolicyLine;
import dev.latchkey.vault.internal.policy.Policies;
import dev.latchkey.vault.internal.policy.Policies.Keyset;
import java.util.List;
import org.junit.jupiter.api.Test;

class PoliciesPageTests {

  private static final Page PAGE = Page.of("docs/reference/policies.md");

  @Test
  void showsTheRenderedPolicies() {
    Policies policies =
        new Policies(
            "secret",
            "latchkey",
            "transit",
            List.of(
                Keyset.own(new KeysetId("shop", "orders"), false, true),
                Keyset.own(new KeysetId("shop", "receipts"), true, true)),
            List.of(PolicyLine.allowing("secret/data/orders-db", "read")));

    assertThat(PAGE.snippets("hcl").map(Page.Snippet::text).map(String::strip))
        .containsExactlyElementsOf(policies.texts().values().stream().map(String::strip).toList());
  }
}
