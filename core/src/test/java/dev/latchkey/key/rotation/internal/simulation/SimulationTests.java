package dev.latchkey.key.rotation.internal.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.slf4j.LoggerFactory;

/**
 * Lives through many years at once. {@code -Dlatchkey.simulation.seeds}, {@code .instances} and
 * {@code .days} make it more or less; {@code .seed} runs one seed alone; the profile {@code
 * long-simulation} runs a thousand seeds of fifty instances.
 */
class SimulationTests {

  private static final int DEFAULT_SEEDS = 50;

  private static final Logger LOGGER = (Logger) LoggerFactory.getLogger("dev.latchkey");

  @BeforeAll
  static void silence() {
    LOGGER.setLevel(Level.OFF);
  }

  @AfterAll
  static void speak() {
    LOGGER.setLevel(null);
  }

  @Test
  void noOperationEverFailsForLackOfAKey() {
    int seeds = Integer.getInteger("latchkey.simulation.seeds", DEFAULT_SEEDS);
    Integer only = Integer.getInteger("latchkey.simulation.seed");
    IntStream chosen = only != null ? IntStream.of(only) : IntStream.range(0, seeds);
    List<Outcome> outcomes =
        chosen.parallel().mapToObj(seed -> live(seed, Broken.NOTHING)).toList();

    Stream<SimulationFailure> failures = outcomes.stream().flatMap(it -> it.failure().stream());
    assertThat(failures).isEmpty();
    Map<String, Integer> counts = new TreeMap<>();
    outcomes.forEach(it -> it.counts().forEach((what, n) -> counts.merge(what, n, Integer::sum)));
    System.out.println(counts);
    if (outcomes.size() >= DEFAULT_SEEDS) {
      assertThat(counts)
          .containsKeys(
              "actions in vain",
              "compromises",
              "configurations",
              "crashes between two steps",
              "deletions",
              "erasures",
              "keys destroyed",
              "emergencies",
              "kills",
              "lines cut",
              "lost questions and answers",
              "old keys handled",
              "outages",
              "pauses longer than F",
              "promotions by force",
              "refusals",
              "restores",
              "restores from memory",
              "roll-backs and forks seen",
              "rotations by people",
              "standbys cut off",
              "uses shared",
              "writes that arrive late");
      assertThat(counts.get("keys used")).isGreaterThan(10 * outcomes.size());
    }
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NOTHING")
  void noticesEveryBrokenRule(Broken rule) {
    Stream<String> failures =
        IntStream.range(0, DEFAULT_SEEDS)
            .parallel()
            .mapToObj(seed -> live(seed, rule).failure())
            .flatMap(failure -> failure.map(SimulationFailure::getMessage).stream());
    assertThat(failures.anyMatch(it -> it.contains(rule.consequence()))).isTrue();
  }

  @Test
  void repeatsAFailureWhenRunAsItsMessageSays() {
    SimulationFailure first = failure();
    assertThat(first)
        .hasMessageStartingWith("Seed 0, 2026-")
        .hasMessageContaining("-Dlatchkey.simulation.seed=0 -Dlatchkey.simulation.instances=");
    assertThat(failure()).hasMessage(first.getMessage());
  }

  @Test
  void aSeedIsTheSameYearAgain() {
    Setting setting = Setting.draw(1, 20, Duration.ofDays(100), Broken.NOTHING);
    assertThat(new Simulation(setting).run()).isEqualTo(new Simulation(setting).run());
  }

  private static SimulationFailure failure() {
    return catchThrowableOfType(
        SimulationFailure.class, () -> new Simulation(setting(0, Broken.PROMOTION_AGE)).run());
  }

  private static Outcome live(long seed, Broken broken) {
    try {
      return new Outcome(new Simulation(setting(seed, broken)).run(), Optional.empty());
    } catch (SimulationFailure ex) {
      return new Outcome(Map.of(), Optional.of(ex));
    }
  }

  private static Setting setting(long seed, Broken broken) {
    return Setting.draw(
        seed,
        Integer.getInteger("latchkey.simulation.instances", 20),
        Duration.ofDays(Integer.getInteger("latchkey.simulation.days", 365)),
        broken);
  }

  private record Outcome(Map<String, Integer> counts, Optional<SimulationFailure> failure) {}
}
