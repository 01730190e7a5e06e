package dev.latchkey.vault.internal.secret;

import dev.latchkey.vault.internal.client.PolicyLine;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/** What an application asked the server for, as its policy has to allow it. */
final class UsedPaths {

  private final SortedMap<String, SortedSet<String>> capabilities = new TreeMap<>();

  synchronized void add(String path, String... needed) {
    capabilities.computeIfAbsent(path, it -> new TreeSet<>()).addAll(List.of(needed));
  }

  synchronized List<PolicyLine> lines() {
    return capabilities.entrySet().stream()
        .map(used -> new PolicyLine(used.getKey(), List.copyOf(used.getValue())))
        .toList();
  }
}
