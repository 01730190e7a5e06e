package dev.latchkey.autoconfigure.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.latchkey.LatchkeyException;
import org.junit.jupiter.api.Test;
import org.springframework.mock.env.MockEnvironment;

class BackendHolderTests {

  private final BackendHolder holder =
      new BackendHolder(new MockEnvironment().withProperty("latchkey.store.type", "memory"));

  @Test
  void opensOneBackendWhenAskedTwice() {
    assertThat(holder.get()).isSameAs(holder.get());
  }

  /** Such as by a look-up in the background, of an application whose start failed meanwhile. */
  @Test
  void failsWhenTheApplicationHasStopped() {
    holder.close();

    assertThatExceptionOfType(LatchkeyException.class)
        .isThrownBy(holder::get)
        .withMessageContaining("has stopped");
  }
}
