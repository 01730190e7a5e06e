package dev.latchkey.secret.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.latchkey.LatchkeyException;
import dev.latchkey.StoreUnavailableException;
import dev.latchkey.secret.AbsentSecretException;
import dev.latchkey.secret.SecretReference;
import dev.latchkey.secret.SecretSource;
import dev.latchkey.secret.SecretValue;
import dev.latchkey.test.internal.RecordingSecretSource;
import java.math.BigDecimal;
import java.security.SecureRandom;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class SecretLookupsTests {

  private static final SecretReference PASSWORD = SecretReference.parse("vault@secret/db#password");
  private static final SecretReference GENERATED =
      SecretReference.parse("vault@secret/db?generate=32#password");

  private final RecordingSecretSource source = new RecordingSecretSource();
  private final SecretLookups lookups = new SecretLookups(source, new SecureRandom());
  private final ExecutorService executor = Executors.newFixedThreadPool(4);

  @AfterEach
  void stop() {
    executor.shutdownNow();
  }

  @Test
  void readsAPathOnceForAllItsFields() {
    source.with("secret/db", "user", "app").with("secret/db", "password", "pw");

    assertThat(lookups.get(SecretReference.parse("vault@secret/db#user"))).isEqualTo("app");
    assertThat(lookups.get(PASSWORD)).isEqualTo("pw");
    assertThat(source.reads()).containsExactly("secret/db");
  }

  @Test
  void keepsTheFirstValueWhenTheSecretChanges() {
    source.with("secret/db", "password", "first");
    lookups.get(PASSWORD);

    source.with("secret/db", "password", "second");

    assertThat(lookups.get(PASSWORD)).isEqualTo("first");
  }

  @Test
  void readsAPinnedVersionAndTheNewest() {
    source.with("secret/db", "password", "old").with("secret/db", "password", "new");

    assertThat(lookups.get(SecretReference.parse("vault@secret/db?version=1#password")))
        .isEqualTo("old");
    assertThat(lookups.get(PASSWORD)).isEqualTo("new");
  }

  @Test
  void readsPathsInParallel() throws Exception {
    List<SecretReference> references =
        Stream.of("a", "b", "c", "d")
            .peek(name -> source.with("secret/" + name, "x", name))
            .map(name -> SecretReference.parse("vault@secret/" + name + "#x"))
            .toList();
    CyclicBarrier allAtOnce = new CyclicBarrier(4);
    source.beforeRead(
        path -> {
          try {
            allAtOnce.await(10, TimeUnit.SECONDS);
          } catch (Exception ex) {
            throw new IllegalStateException("The reads did not meet", ex);
          }
        });

    assertThat(lookups.readAll(references, executor)).isEmpty();

    assertThat(source.reads())
        .containsExactlyInAnyOrder("secret/a", "secret/b", "secret/c", "secret/d");
    assertThat(references.stream().map(lookups::get)).containsExactly("a", "b", "c", "d");
  }

  @Test
  void reportsEveryFailureInTheOrderOfTheReferences() {
    source.with("secret/b", "x", "b");
    source.failing("secret/c", new LatchkeyException("denied", "allow it"));
    SecretReference missing = SecretReference.parse("vault@secret/a#x");
    SecretReference there = SecretReference.parse("vault@secret/b#x");
    SecretReference denied = SecretReference.parse("vault@secret/c#x");

    Map<SecretReference, LatchkeyException> failures =
        lookups.readAll(List.of(denied, there, missing), executor);

    assertThat(failures.keySet()).containsExactly(denied, missing);
    assertThat(failures.get(missing)).isInstanceOf(AbsentSecretException.class);
    assertThat(failures.get(denied)).hasMessage("denied");
  }

  @Test
  void waitsOnlyOnceWhenTheSourceIsUnavailable() {
    StoreUnavailableException down = new StoreUnavailableException("down", "start it");
    List<SecretReference> references =
        Stream.of("secret/a#x", "secret/a#y", "secret/b#x", "secret/c?generate=32#x")
            .map(reference -> SecretReference.parse("vault@" + reference))
            .toList();
    source.beforeRead(
        path -> {
          throw down;
        });

    assertThat(lookups.readAll(references, Runnable::run))
        .hasSize(4)
        .allSatisfy((reference, failure) -> assertThat(failure).isSameAs(down));
    assertThat(source.reads()).containsExactly("secret/a");
  }

  @Test
  void readsAgainAfterAFailure() {
    source.with("secret/db", "password", "pw");
    AtomicInteger reads = new AtomicInteger();
    source.beforeRead(
        path -> {
          if (reads.incrementAndGet() == 1) {
            throw new StoreUnavailableException("down", "start it");
          }
        });

    assertThatExceptionOfType(StoreUnavailableException.class)
        .isThrownBy(() -> lookups.get(PASSWORD));
    assertThat(lookups.get(PASSWORD)).isEqualTo("pw");
  }

  @Test
  void isAbsentWhenThePathIsMissing() {
    assertThatExceptionOfType(AbsentSecretException.class)
        .isThrownBy(() -> lookups.get(PASSWORD))
        .withMessage("the test's store has no secret at secret/db")
        .satisfies(
            error ->
                assertThat(error.action())
                    .contains("Set the property 'vault@secret/db#password' to a value of your own.")
                    .contains("${vault@secret/db?generate=32#password}"));
  }

  @Test
  void suggestsTheNearestFieldWhenTheFieldIsMissing() {
    source.with("secret/db", "pasword", "canary-value");

    assertThatExceptionOfType(AbsentSecretException.class)
        .isThrownBy(() -> lookups.get(PASSWORD))
        .withMessage("secret/db in the test's store has no field 'password' (found pasword)")
        .satisfies(
            error ->
                assertThat(error.action())
                    .startsWith("Did you mean 'pasword'?")
                    .doesNotContain("canary"));
  }

  @Test
  void isNotAbsentWhenAPinnedVersionLacksTheField() {
    source.with("secret/db", "user", "app");

    assertThatExceptionOfType(LatchkeyException.class)
        .isThrownBy(() -> lookups.get(SecretReference.parse("vault@secret/db?version=1#password")))
        .isNotInstanceOf(AbsentSecretException.class)
        .withMessageContaining("secret/db version 1 in the test's store has no field 'password'");
  }

  static Stream<Arguments> values() {
    return Stream.of(
        Arguments.of("", ""),
        Arguments.of("${x} #{1+1} \\", "${x} #{1+1} \\"),
        Arguments.of(5432, "5432"),
        Arguments.of(Long.MAX_VALUE, "9223372036854775807"),
        Arguments.of(1.0E7, "10000000"),
        Arguments.of(0.25, "0.25"),
        Arguments.of(new BigDecimal("1E+3"), "1000"),
        Arguments.of(true, "true"),
        Arguments.of(false, "false"));
  }

  @ParameterizedTest
  @MethodSource("values")
  void returnsTheTextOfAScalar(Object value, String text) {
    source.with("secret/db", "password", value);

    assertThat(lookups.get(PASSWORD)).isEqualTo(text);
  }

  static Stream<Arguments> valuesWithoutText() {
    return Stream.of(
        Arguments.of(null, "null"),
        Arguments.of(List.of("canary"), "a list"),
        Arguments.of(Map.of("canary", "canary"), "a nested object"));
  }

  @ParameterizedTest
  @MethodSource("valuesWithoutText")
  void namesFieldAndKindWhenAValueIsNotAText(@Nullable Object value, String kind) {
    source.with("secret/db", "password", value);

    assertThatExceptionOfType(LatchkeyException.class)
        .isThrownBy(() -> lookups.get(PASSWORD))
        .isNotInstanceOf(AbsentSecretException.class)
        .withMessage("'vault@secret/db#password' is %s, not a text", kind)
        .satisfies(error -> assertThat(error.action()).doesNotContain("canary"));
  }

  @Test
  void generatesAFieldWhenItDoesNotExist() {
    String value = lookups.get(GENERATED);

    assertThat(value).hasSize(32).matches("[A-Za-z0-9]+");
    assertThat(lookups.get(PASSWORD)).isEqualTo(value);
    assertThat(source.read("secret/db", null))
        .hasValueSatisfying(
            held -> {
              assertThat(held.values()).isEqualTo(Map.of("password", value));
              assertThat(held.version()).isEqualTo(1);
            });
  }

  @Test
  void keepsTheOtherFieldsWhenItGeneratesOne() {
    source.with("secret/db", "user", "app");

    String value = lookups.get(GENERATED);

    assertThat(source.read("secret/db", null))
        .hasValueSatisfying(
            held -> {
              assertThat(held.values()).isEqualTo(Map.of("user", "app", "password", value));
              assertThat(held.version()).isEqualTo(2);
            });
  }

  @Test
  void generatesADifferentValueEachTime() {
    Set<String> values = new HashSet<>();
    for (int i = 0; i < 1000; i++) {
      values.add(lookups.get(SecretReference.parse("vault@secret/p%d?generate=12#x".formatted(i))));
    }

    assertThat(values).hasSize(1000);
  }

  @Test
  void generatesNothingWhenTheFieldExists() {
    source.with("secret/db", "password", "pw");

    assertThat(lookups.get(GENERATED)).isEqualTo("pw");
    assertThat(source.writes()).isEmpty();
  }

  @Test
  void generatesNothingWhenTheFieldIsNull() {
    source.with("secret/db", "password", null);

    assertThatExceptionOfType(LatchkeyException.class).isThrownBy(() -> lookups.get(GENERATED));
    assertThat(source.writes()).isEmpty();
  }

  @Test
  void generatesNothingWhenThePathCannotBeRead() {
    source.failing("secret/db", new StoreUnavailableException("sealed", "unseal it"));

    assertThatExceptionOfType(StoreUnavailableException.class)
        .isThrownBy(() -> lookups.get(GENERATED));
    assertThat(source.writes()).isEmpty();
  }

  @Test
  void usesTheValueOfAnotherInstanceWhenThatWasFirst() {
    source.beforeWrite(
        path -> {
          source.beforeWrite(ignored -> {});
          source.with("secret/db", "password", "of the winner");
        });

    assertThat(lookups.get(GENERATED)).isEqualTo("of the winner");
    assertThat(source.writes()).hasSize(1);
  }

  @Test
  void agreesOnOneValueWhenManyInstancesStartAtOnce() throws Exception {
    int starts = 16;
    CyclicBarrier together = new CyclicBarrier(starts);
    ExecutorService instances = Executors.newFixedThreadPool(starts);
    try {
      Callable<String> start =
          () -> {
            together.await(10, TimeUnit.SECONDS);
            return new SecretLookups(source, new SecureRandom()).get(GENERATED);
          };
      Set<String> values = new HashSet<>();
      for (Future<String> value : instances.invokeAll(Collections.nCopies(starts, start))) {
        values.add(value.get());
      }
      assertThat(values).hasSize(1);
    } finally {
      instances.shutdownNow();
    }
  }

  @Test
  void failsWhenOthersKeepWriting() {
    AtomicInteger version = new AtomicInteger();
    source.beforeWrite(path -> source.with("secret/db", "v" + version.incrementAndGet(), "x"));

    assertThatExceptionOfType(LatchkeyException.class)
        .isThrownBy(() -> lookups.get(GENERATED))
        .withMessageContaining("other writers changed secret/db 8 times meanwhile");
  }

  @Test
  void generatesBeforeItReadsWhenReferencesShareAField() {
    assertThat(lookups.readAll(List.of(PASSWORD, GENERATED), executor)).isEmpty();
    assertThat(lookups.get(PASSWORD)).isEqualTo(lookups.get(GENERATED)).hasSize(32);
  }

  @Test
  void refusesToGenerateWhenTheSourceKeepsNoVersions() {
    SecretSource unversioned =
        new SecretSource() {
          @Override
          public Optional<SecretValue> read(String path, @Nullable Long version) {
            Map<String, @Nullable Object> fields = new HashMap<>();
            fields.put("user", "app");
            return Optional.of(SecretValue.keyValue(path, fields, 0));
          }

          @Override
          public void write(String path, Map<String, @Nullable Object> fields, long expected) {
            throw new AssertionError("Nothing may be written");
          }

          @Override
          public String description() {
            return "KV v1";
          }
        };

    assertThatExceptionOfType(LatchkeyException.class)
        .isThrownBy(() -> new SecretLookups(unversioned, new SecureRandom()).get(GENERATED))
        .withMessageContaining("KV v1 keeps no versions at secret/db");
  }
}
