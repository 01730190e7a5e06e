package dev.latchkey.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.latchkey.LatchkeyException;
import dev.latchkey.key.KeysetId;
import java.io.IOException;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.env.PropertiesPropertySourceLoader;
import org.springframework.core.io.ByteArrayResource;
import org.springframework.mock.env.MockEnvironment;

class StoreProvidersTests {

  private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");

  private final MockEnvironment environment = new MockEnvironment();
  private final StoreContext context =
      new StoreContext(environment, Clock.fixed(NOON, ZoneOffset.UTC), null);

  @ParameterizedTest
  @ValueSource(strings = {"memory", "MEMORY", "Memory"})
  void opensTheStoreWhenItsTypeIsConfigured(String type) {
    environment.withProperty("latchkey.store.type", type);

    try (Backend backend = StoreProviders.load().open(context)) {
      assertThat(backend.type()).isEqualTo("memory");
      assertThat(backend.shared()).isFalse();
      assertThat(backend.keysets().save(new KeysetId("shop", "orders"), "content", 0).createdAt())
          .isEqualTo(NOON);
    }
  }

  @Test
  void opensTheStoreOfAnApplicationWhenItsTypeIsConfigured() {
    environment.withProperty("latchkey.store.type", "shelf");

    try (Backend backend = new StoreProviders(List.of(new Shelf(false))).open(context)) {
      assertThat(backend.type()).isEqualTo("memory");
    }
  }

  @Test
  void opensTheFirstDefaultWhenNoTypeIsSet() {
    StoreProviders providers =
        new StoreProviders(List.of(new MemoryStoreProvider(), new Shelf(true)));

    try (Backend backend = providers.open(context)) {
      assertThat(backend.type()).isEqualTo("memory");
    }
  }

  @Test
  void failsWhenNoTypeIsSetAndNoStoreIsTheDefault() {
    assertThatThrownBy(() -> new StoreProviders(List.of(new Shelf(false))).open(context))
        .isInstanceOfSatisfying(
            LatchkeyException.class,
            ex -> assertThat(ex.action()).contains("latchkey-vault", "latchkey-file"))
        .hasMessage("No store is configured");
  }

  @Test
  void failsWithTheOriginAndTheKnownTypesWhenTheTypeIsUnknown() throws IOException {
    environment
        .getPropertySources()
        .addFirst(
            new PropertiesPropertySourceLoader()
                .load(
                    "config",
                    new ByteArrayResource(
                        "a=b\nlatchkey.store.type=valt\n".getBytes(), "application.properties"))
                .get(0));

    assertThatThrownBy(
            () ->
                new StoreProviders(List.of(new Shelf(false), new MemoryStoreProvider()))
                    .open(context))
        .isInstanceOfSatisfying(
            LatchkeyException.class, ex -> assertThat(ex.action()).contains("latchkey-vault"))
        .hasMessageStartingWith("Invalid latchkey.store.type 'valt'")
        .hasMessageContaining("application.properties")
        .hasMessageContaining("2:21")
        .hasMessageEndingWith("expected shelf or memory");
  }

  /** A store that an application might bring. */
  private record Shelf(boolean isDefault) implements StoreProvider {

    @Override
    public String type() {
      return "shelf";
    }

    @Override
    public boolean isDefault(StoreContext context) {
      return isDefault;
    }

    @Override
    public Backend open(StoreContext context) {
      return new MemoryStoreProvider().open(context);
    }
  }
}
