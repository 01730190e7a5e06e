package dev.latchkey.reencryption;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Ciphertexts in memory, without associated data, that others can write while one is renewed. */
final class Shelf {

  final TreeMap<Integer, byte[]> contents = new TreeMap<>();

  /** The positions at which ids were asked for. */
  final List<@Nullable Integer> asked = new ArrayList<>();

  /** The ids of what was read. */
  final List<Integer> read = new ArrayList<>();

  /** Runs before each write. */
  Runnable beforeWrite = () -> {};

  Ciphertexts<Integer> ciphertexts() {
    return Ciphertexts.of("jars on the shelf", this::idsAfter, this::read, this::write);
  }

  private Iterator<Integer> idsAfter(@Nullable Integer position) {
    asked.add(position);
    return List.copyOf((position == null ? contents : contents.tailMap(position, false)).keySet())
        .iterator();
  }

  private @Nullable Ciphertext<Integer> read(Integer id) {
    read.add(id);
    byte[] bytes = contents.get(id);
    return bytes == null ? null : new Ciphertext<>(id, bytes, new byte[0]);
  }

  private boolean write(Integer id, byte[] old, byte[] renewed) {
    beforeWrite.run();
    if (!Arrays.equals(contents.get(id), old)) {
      return false;
    }
    contents.put(id, renewed);
    return true;
  }
}
