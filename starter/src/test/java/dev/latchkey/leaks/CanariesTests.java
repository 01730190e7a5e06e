package dev.latchkey.leaks;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class CanariesTests {

  private static final String VALUE = "p4ss/wörd+";

  private final Canaries canaries = new Canaries();

  private static Stream<String> spellings() {
    byte[] bytes = VALUE.getBytes(UTF_8);
    return Stream.of(
        VALUE,
        "+dröw/ss4p",
        "p4ss%2Fw%C3%B6rd%2B",
        HexFormat.of().formatHex(bytes),
        Arrays.toString(bytes),
        base64(VALUE),
        base64("user:" + VALUE + ":x"),
        base64("user1:" + VALUE),
        base64("user11:" + VALUE + "@host"),
        Base64.getUrlEncoder().encodeToString(("?>?" + VALUE).getBytes(UTF_8)));
  }

  private static String base64(String text) {
    return Base64.getEncoder().encodeToString(text.getBytes(UTF_8));
  }

  @ParameterizedTest
  @MethodSource("spellings")
  void findsAValueInAnySpelling(String spelling) {
    canaries.add("password", VALUE);

    assertThat(canaries.in("before" + spelling + "after")).containsExactly("password");
  }

  @Test
  void findsTokensThatNobodyTold() {
    assertThat(canaries.in("X-Vault-Token: s.CAESIJ0123456789abcdefghij")).containsExactly("token");
  }

  @Test
  void findsNothingInWhatIsHarmless() {
    canaries.add("password", VALUE);
    String other = canaries.plant("other");

    assertThat(canaries.in("p4ss/ word org.springframework.boot.SpringApplication")).isEmpty();
    assertThat(canaries.in(other)).containsExactly("other");
  }
}
