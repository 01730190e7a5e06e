package dev.latchkey.key.rotation.internal.simulation;

import com.google.crypto.tink.Aead;
import dev.latchkey.LatchkeyException;
import dev.latchkey.StoreUnavailableException;
import dev.latchkey.key.KeyDestruction.Fence;
import dev.latchkey.key.KeysetId;
import dev.latchkey.key.document.KeyEncryptionKeys;
import dev.latchkey.key.document.KeysetErasure;
import dev.latchkey.key.document.KeysetStore;
import dev.latchkey.key.document.OperatorNeededException;
import dev.latchkey.key.document.StoredDocument;
import dev.latchkey.key.rotation.internal.simulation.Cluster.Answer;
import dev.latchkey.key.rotation.internal.simulation.Cluster.Node;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What one instance sees of the store and of the keeper of its key-encryption key, through one
 * node. Before and after each call it may wait, for long, or be killed; questions and answers get
 * lost.
 */
final class Connection implements KeysetStore, KeyEncryptionKeys, KeysetErasure {

  private static final double KILLED = 0.001;
  private static final double WAITS = 0.04;
  private static final double LOST = 0.01;
  private static final double LATE = 0.3;
  private static final double LATE_WRITE = 0.02;

  private final Simulation simulation;
  private final Instance instance;
  private final Chance chance;
  private Node node;
  private boolean cut;
  private int restores;
  private final List<Seen> seen = new ArrayList<>();

  Connection(Simulation simulation, Instance instance, Node node) {
    this.simulation = simulation;
    this.instance = instance;
    this.chance = simulation.chance();
    this.node = node;
  }

  /** An action of the instance begins. */
  void begin() {
    seen.clear();
    restores = cluster().restores();
  }

  /** The store's answers that arrived within the present action. */
  List<Seen> seen() {
    return seen;
  }

  @Nullable Seen lastSeen() {
    return seen.isEmpty() ? null : seen.get(seen.size() - 1);
  }

  /** When answers will carry a time, or did. */
  Instant whenItIs(Instant shown) {
    return simulation.broken(Broken.STORE_CLOCK) ? instance.whenItIs(shown) : node.whenItIs(shown);
  }

  void moveTo(Node node) {
    this.node = node;
  }

  void cut(boolean cut) {
    this.cut = cut;
  }

  /** Whether a read now would be proved. */
  boolean isLevel() {
    return !cut && cluster().isLevel(node);
  }

  @Override
  public Optional<StoredDocument> load(KeysetId keyset) {
    try {
      return read();
    } catch (LatchkeyException ex) {
      if (simulation.broken(Broken.NO_CREATION_ON_ERROR) && instance.held() == null) {
        return Optional.empty();
      }
      throw ex;
    }
  }

  private Optional<StoredDocument> read() {
    step();
    requireLine();
    Answer answer =
        cluster().read(node, chance.of(LATE) ? chance.upTo(proofInterval()) : Duration.ZERO);
    if (isOlderThanHeld(answer)) {
      answer = cluster().read(node, Duration.ZERO); // the store's adapter asks for a newer proof
    }
    Instant asOf =
        answer.proved()
            ? simulation.now().minus(Duration.between(answer.provedAt(), answer.readAt()))
            : simulation.now();
    Seen arrives = new Seen(answer, asOf);
    step();
    requireLine();
    seen.add(arrives);
    return answer.version() == null ? Optional.empty() : Optional.of(document(answer));
  }

  private boolean isOlderThanHeld(Answer answer) {
    return answer.version() != null
        && instance.held() != null
        && answer.version().generation() < instance.held().generation();
  }

  /** For how long one proof serves; a small part of F. */
  private Duration proofInterval() {
    Duration share = simulation.setting().rule().maxStaleness().dividedBy(8);
    return share.compareTo(Duration.ofMinutes(10)) < 0 ? share : Duration.ofMinutes(10);
  }

  @Override
  public StoredDocument save(KeysetId keyset, String content, long expectedGeneration) {
    step();
    requireLine();
    if (chance.of(LATE_WRITE) && !simulation.isCalm()) {
      simulation.count("writes that arrive late");
      int then = restores;
      boolean forced = instance.isForcing();
      simulation
          .time()
          .after(
              chance.upTo(Duration.ofMinutes(10)),
              () -> arriveLate(content, expectedGeneration, forced, then));
      throw new StoreUnavailableException("There is no answer yet", "Wait.");
    }
    Answer answer = write(content, expectedGeneration, instance.isForcing());
    Seen arrives = new Seen(answer, simulation.now());
    step();
    requireLine();
    seen.add(arrives);
    return document(answer);
  }

  private Answer write(String content, long expectedGeneration, boolean forced) {
    Instant createdAt = simulation.broken(Broken.STORE_CLOCK) ? instance.clock().instant() : null;
    Answer answer = cluster().write(node, content, expectedGeneration, createdAt);
    simulation.written(instance, forced);
    return answer;
  }

  /** A write that was under way for long, unless a restore ended all that was. */
  private void arriveLate(
      String content, long expectedGeneration, boolean forced, int restoresThen) {
    if (restoresThen == cluster().restores()) {
      try {
        write(content, expectedGeneration, forced);
      } catch (LatchkeyException ex) {
        simulation.say(instance, "writes too late");
      }
    }
  }

  private StoredDocument document(Answer answer) {
    Instant readAt =
        simulation.broken(Broken.STORE_CLOCK) ? instance.clock().instant() : answer.readAt();
    Duration lag =
        answer.proved() ? Duration.between(answer.provedAt(), answer.readAt()) : Duration.ZERO;
    boolean proved = answer.proved() || simulation.broken(Broken.PROVED_READS);
    return answer.version().document(readAt, proved ? readAt.minus(lag) : null);
  }

  @Override
  public String location(KeysetId keyset) {
    return Cluster.LOCATION;
  }

  /** Where the uses of keys are added up: through the same line, with the same troubles. */
  KeysetStore counters() {
    return new KeysetStore() {
      @Override
      public Optional<StoredDocument> load(KeysetId keyset) {
        return Optional.ofNullable(pass(() -> cluster().readCounter(node)))
            .map(it -> it.document(node.clock(), node.clock()));
      }

      @Override
      public StoredDocument save(KeysetId keyset, String content, long expectedGeneration) {
        return pass(() -> cluster().writeCounter(node, content, expectedGeneration))
            .document(node.clock(), node.clock());
      }

      @Override
      public String location(KeysetId keyset) {
        return Cluster.LOCATION + ".usage";
      }
    };
  }

  private <T extends @Nullable Object> T pass(Supplier<T> question) {
    step();
    requireLine();
    T answer = question.get();
    step();
    requireLine();
    return answer;
  }

  @Override
  public Aead forKeyset(KeysetId keyset) {
    Aead key = simulation.keyEncryptionKeys().forKeyset(keyset);
    return new Aead() {
      @Override
      public byte[] encrypt(byte[] plaintext, byte[] associatedData)
          throws GeneralSecurityException {
        step();
        return key.encrypt(plaintext, associatedData);
      }

      @Override
      public byte[] decrypt(byte[] ciphertext, byte[] associatedData)
          throws GeneralSecurityException {
        step();
        return key.decrypt(ciphertext, associatedData);
      }
    };
  }

  @Override
  public void createIfAbsent(KeysetId keyset) {
    step();
  }

  /** Each part of an erasure may be denied until an operator has done it. */
  @Override
  public String fence(KeysetId keyset, byte[] wrapped) {
    erase("fence");
    return "retained";
  }

  @Override
  public boolean isBeyond(String retained, byte[] wrapped) {
    return chance.of(0.9);
  }

  @Override
  public Erased erase(KeysetId keyset, Fence fence, boolean onTrust) {
    erase("erase");
    simulation.invariants().erased(instance, fence.generation());
    return Erased.from(List.of("Nothing is left."));
  }

  private void erase(String what) {
    step();
    requireLine();
    if (!simulation.operatorHasDone()) {
      throw new OperatorNeededException(what + " is denied", List.of(what));
    }
    step();
    requireLine();
  }

  private void step() {
    if (chance.of(KILLED)) {
      throw new Crash();
    }
    if (chance.of(WAITS) && !simulation.isCalm()) {
      Duration wait =
          chance.of(0.8) ? chance.upTo(Duration.ofSeconds(90)) : simulation.shortOrLong();
      simulation.wait(instance, wait);
      if (instance.isKilled()) {
        throw new Crash();
      }
    }
  }

  private void requireLine() {
    if (cut) {
      throw new StoreUnavailableException("The network is cut", "Wait.");
    }
    if (restores != cluster().restores()) {
      throw new StoreUnavailableException("The server was restored meanwhile", "Try again.");
    }
    if (chance.of(LOST) && !simulation.isCalm()) {
      simulation.count("lost questions and answers");
      throw new StoreUnavailableException("A packet was lost", "Try again.");
    }
  }

  private Cluster cluster() {
    return simulation.cluster();
  }

  /**
   * @param at as of when the answer is the newest, if it is proved
   */
  record Seen(Answer answer, Instant at) {}
}
