package dev.latchkey.autoconfigure.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatNoException;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

@ExtendWith(OutputCaptureExtension.class)
class EventRelayTests {

  private final List<Object> published = new ArrayList<>();

  private final EventRelay relay =
      new EventRelay(
          event -> {
            published.add(event);
            if (event.equals("spoilt")) {
              throw new IllegalStateException("with a canary in its text");
            }
          });

  @Test
  void publishesEarlyEventsWhenStarted() {
    relay.accept("early");
    assertThat(published).isEmpty();

    relay.start();
    relay.accept("late");

    assertThat(published).containsExactly("early", "late");
  }

  @Test
  void continuesWhenAListenerFails(CapturedOutput output) {
    relay.accept("spoilt");
    relay.start();
    assertThatNoException().isThrownBy(() -> relay.accept("spoilt"));
    relay.accept("next");

    assertThat(published).containsExactly("spoilt", "spoilt", "next");
    assertThat(output).contains("IllegalStateException").doesNotContain("canary");
  }
}
