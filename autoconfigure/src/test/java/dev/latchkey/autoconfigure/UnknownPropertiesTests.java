package dev.latchkey.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.latchkey.LatchkeyException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.core.NestedExceptionUtils;

@ExtendWith(OutputCaptureExtension.class)
class UnknownPropertiesTests {

  private final ApplicationContextRunner runner =
      new ApplicationContextRunner()
          .withConfiguration(AutoConfigurations.of(LookupAutoConfiguration.class));

  @ParameterizedTest
  @CsvSource({
    "latchkey.keysets.orders.rotation.perriod,  latchkey.keysets.orders.rotation.period",
    "latchkey.keyset.orders.template,           latchkey.keysets.orders.template",
    "latchkey.secrets.db.refrence,              latchkey.secrets.db.reference",
    "latchkey.rotation.maxstalenes,             latchkey.rotation.max-staleness",
    "latchkey.store.typ,                        latchkey.store.type",
  })
  void failsWithTheNearestName(String property, String nearest) {
    runner
        .withPropertyValues(property + "=x")
        .run(
            context -> {
              assertThat(context).hasFailed();
              Throwable failure =
                  NestedExceptionUtils.getMostSpecificCause(context.getStartupFailure());
              assertThat(failure)
                  .isInstanceOfSatisfying(
                      LatchkeyException.class,
                      refusal -> {
                        assertThat(refusal)
                            .hasMessageStartingWith("There is no property " + property);
                        assertThat(refusal.action())
                            .isEqualTo("Did you mean '%s'?".formatted(nearest));
                      });
            });
  }

  @Test
  void namesAllOfThem() {
    runner
        .withPropertyValues("latchkey.rotation.drian=1s", "latchkey.refresh.every=1s")
        .run(
            context ->
                assertThat(context.getStartupFailure())
                    .isInstanceOf(LatchkeyException.class)
                    .hasMessageStartingWith("There are no properties latchkey.")
                    .hasMessageContaining("latchkey.rotation.drian")
                    .hasMessageContaining("latchkey.refresh.every")
                    .isInstanceOfSatisfying(
                        LatchkeyException.class,
                        refusal ->
                            assertThat(refusal.action())
                                .contains(
                                    "latchkey.rotation.drian: did you mean"
                                        + " 'latchkey.rotation.drain'?")));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "latchkey.enabled=true",
        "latchkey.rotation.maxStaleness=12h",
        "latchkey.keysets.order-data.rotation.period=30d",
        "latchkey.secrets.db.reference=vault@secret/db",
        "other.keysets.x=y"
      })
  void acceptsWhatIsRead(String property) {
    runner.withPropertyValues(property).run(context -> assertThat(context).hasNotFailed());
  }

  @Test
  void warnsOnlyWhenAModuleIsMissing(CapturedOutput output) {
    runner
        .withPropertyValues("latchkey.elsewhere.thing=x")
        .run(context -> assertThat(context).hasNotFailed());

    assertThat(output)
        .contains(
            "latchkey.elsewhere.thing is ignored: no module of Latchkey on the class path has it");
  }
}
