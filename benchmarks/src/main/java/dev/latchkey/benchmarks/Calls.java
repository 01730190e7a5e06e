package dev.latchkey.benchmarks;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.CommandLineOptionException;
import org.openjdk.jmh.runner.options.CommandLineOptions;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/** Measures calls on one and two threads, and prints medians and ratios. Accepts JMH options. */
public final class Calls {

  private Calls() {}

  public static void main(String[] arguments) throws CommandLineOptionException, RunnerException {
    CommandLineOptions options = new CommandLineOptions(arguments);
    List<RunResult> calls = new ArrayList<>();
    for (int threads : new int[] {1, 2}) {
      calls.addAll(run(options, CallBenchmark.class, threads));
    }
    Collection<RunResult> manyKeys = run(options, ManyKeysBenchmark.class, 1);
    printCalls(calls);
    printManyKeys(manyKeys);
  }

  private static Collection<RunResult> run(
      CommandLineOptions options, Class<?> benchmark, int threads) throws RunnerException {
    return new Runner(
            new OptionsBuilder()
                .parent(options)
                .include(benchmark.getName())
                .mode(Mode.Throughput)
                .threads(threads)
                .addProfiler(GCProfiler.class)
                .build())
        .run();
  }

  private static void printCalls(List<RunResult> results) {
    Map<String, Map<String, RunResult>> rows = new TreeMap<>();
    for (RunResult each : results) {
      String row =
          "%s, %5s B, %d thread(s)"
              .formatted(method(each), each.getParams().getParam("size"), threads(each));
      rows.computeIfAbsent(row, key -> new TreeMap<>())
          .put(each.getParams().getParam("through"), each);
    }
    System.out.println(
        "\n| | Tink, op/s | injected, op/s | ratio | Tink, B/op | injected, B/op |\n|---|---|---|---|---|---|");
    rows.forEach(
        (row, through) -> {
          RunResult tink = through.get("tink");
          RunResult injected = through.get("injected");
          if (tink != null && injected != null) {
            System.out.printf(
                "| %s | %,.0f | %,.0f | %.3f | %.1f | %.1f |%n",
                row,
                median(tink),
                median(injected),
                median(injected) / median(tink),
                allocated(tink),
                allocated(injected));
          }
        });
  }

  private static void printManyKeys(Collection<RunResult> results) {
    Map<String, Map<Integer, Double>> rows = new TreeMap<>();
    for (RunResult each : results) {
      rows.computeIfAbsent(method(each), key -> new TreeMap<>())
          .put(Integer.valueOf(each.getParams().getParam("keys")), median(each));
    }
    System.out.println("\n| | keys | op/s | time relative to one key |\n|---|---|---|---|");
    rows.forEach(
        (row, medians) ->
            medians.forEach(
                (keys, median) ->
                    System.out.printf(
                        "| %s | %d | %,.0f | %.3f |%n",
                        row, keys, median, medians.getOrDefault(1, median) / median)));
  }

  private static String method(RunResult result) {
    String name = result.getParams().getBenchmark();
    return name.substring(name.lastIndexOf('.') + 1);
  }

  private static int threads(RunResult result) {
    return result.getParams().getThreads();
  }

  /** Returns operations per second of all threads. */
  private static double median(RunResult result) {
    return result.getPrimaryResult().getStatistics().getPercentile(50);
  }

  private static double allocated(RunResult result) {
    return result.getSecondaryResults().entrySet().stream()
        .filter(each -> each.getKey().endsWith("gc.alloc.rate.norm"))
        .map(Map.Entry::getValue)
        .mapToDouble(Result::getScore)
        .findFirst()
        .orElse(Double.NaN);
  }
}
