package dev.latchkey.file.internal;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latchkey.file.internal.StoreContents.Document;
import dev.latchkey.file.internal.StoreContents.Secret;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.core.JacksonException;

class StoreContentsTests {

  private static final Instant TIME = Instant.parse("2026-01-01T12:00:00.123456789Z");

  @Test
  void keepsEveryDetailWhenWrittenAndRead() {
    Map<String, Object> fields =
        Map.of(
            "rate",
            new BigDecimal("1.10"),
            "big",
            new BigInteger("123456789012345678901234567890"),
            "half a pair",
            "\ud83d",
            "unicode",
            "\u00e9 \ud83d\udd11 \u2028");
    StoreContents contents =
        StoreContents.EMPTY
            .with("shop/orders", new Document("content", 7, TIME))
            .with("secret/orders-db", new Secret(fields, 3, TIME));

    assertThat(StoreContents.parse(contents.toJson())).isEqualTo(contents);
  }

  @Test
  void keepsTheStoredFormWhenWritten() {
    StoreContents contents =
        StoreContents.EMPTY
            .with("shop/orders", new Document("content", 1, TIME))
            .with("secret/orders-db", new Secret(Map.of("password", "p"), 1, TIME));

    assertThat(new String(contents.toJson(), UTF_8))
        .isEqualTo(
            "{\"documents\":{\"shop/orders\":{\"content\":\"content\",\"generation\":1,"
                + "\"createdAt\":\"2026-01-01T12:00:00.123456789Z\"}},"
                + "\"secrets\":{\"secret/orders-db\":[{\"fields\":{\"password\":\"p\"},"
                + "\"version\":1,\"createdAt\":\"2026-01-01T12:00:00.123456789Z\"}]}}");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"documents\":{},\"secrets\":{},\"more\":{}}",
        "{\"documents\":{}}",
        "{}",
        "[]",
        "not JSON"
      })
  void failsWhenAnyPartIsUnknown(String json) {
    assertThatThrownBy(() -> StoreContents.parse(json.getBytes(UTF_8)))
        .isInstanceOf(JacksonException.class);
  }
}
