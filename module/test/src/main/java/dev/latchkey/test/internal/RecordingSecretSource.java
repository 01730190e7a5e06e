package dev.latchkey.test.internal;

import dev.latchkey.memory.internal.MemorySecretSource;
import dev.latchkey.secret.SecretSource;
import dev.latchkey.secret.SecretValue;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** An in-memory secret source that records reads and writes, and can fail on demand. */
public final class RecordingSecretSource implements SecretSource {

  private final MemorySecretSource secrets = new MemorySecretSource();
  private final List<String> reads = new CopyOnWriteArrayList<>();
  private final List<String> writes = new CopyOnWriteArrayList<>();
  private final Map<String, RuntimeException> failures = new ConcurrentHashMap<>();
  private volatile Consumer<String> beforeRead = path -> {};
  private volatile Consumer<String> beforeWrite = path -> {};

  /** Adds a field to a path as its next version. */
  public RecordingSecretSource with(String path, String field, @Nullable Object value) {
    Optional<SecretValue> held = secrets.read(path, null);
    Map<String, @Nullable Object> fields = new HashMap<>();
    held.ifPresent(found -> fields.putAll(found.values()));
    fields.put(field, value);
    secrets.write(path, fields, held.map(SecretValue::version).orElse(0L));
    return this;
  }

  /** Makes every read of a path fail. */
  public RecordingSecretSource failing(String path, RuntimeException failure) {
    failures.put(path, failure);
    return this;
  }

  /** Runs on the reading thread before each read. */
  public void beforeRead(Consumer<String> action) {
    beforeRead = action;
  }

  /** Runs on the writing thread before each write. */
  public void beforeWrite(Consumer<String> action) {
    beforeWrite = action;
  }

  /** The paths read so far, in order. */
  public List<String> reads() {
    return reads;
  }

  /** The paths written so far, in order. */
  public List<String> writes() {
    return writes;
  }

  @Override
  public Optional<SecretValue> read(String path, @Nullable Long version) {
    reads.add(path);
    beforeRead.accept(path);
    RuntimeException failure = failures.get(path);
    if (failure != null) {
      throw failure;
    }
    return secrets.read(path, version);
  }

  @Override
  public void write(String path, Map<String, @Nullable Object> fields, long expectedVersion) {
    writes.add(path);
    beforeWrite.accept(path);
    secrets.write(path, fields, expectedVersion);
  }

  @Override
  public String description() {
    return "the test's store";
  }
}
