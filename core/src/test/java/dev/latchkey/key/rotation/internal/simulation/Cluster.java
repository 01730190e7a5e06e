package dev.latchkey.key.rotation.internal.simulation;

import dev.latchkey.LatchkeyException;
import dev.latchkey.StoreUnavailableException;
import dev.latchkey.WriteConflictException;
import dev.latchkey.key.KeysetId;
import dev.latchkey.key.document.KeysetStore;
import dev.latchkey.key.document.StoredDocument;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The store: nodes with clocks of their own, one of which takes the writes. A standby that is cut
 * off shows what it held last, as if nothing were wrong.
 */
final class Cluster {

  static final String LOCATION = "secret/latchkey/shop/orders";

  private final VirtualTime time;
  private final List<Node> nodes = new ArrayList<>();
  private final Timeline<Version> document = new Timeline<>();
  private final Timeline<Version> counter = new Timeline<>();
  private final boolean checksAndSets;
  private Node active;
  private boolean out;
  private boolean deleted;
  private int restores;
  private Instant restoredAt;

  /**
   * @param skews how far the nodes' clocks are off
   */
  Cluster(VirtualTime time, List<Duration> skews, boolean checksAndSets) {
    this.time = time;
    this.checksAndSets = checksAndSets;
    skews.forEach(skew -> nodes.add(new Node(skew)));
    this.active = nodes.get(0);
    this.restoredAt = time.now();
  }

  List<Node> nodes() {
    return nodes;
  }

  @Nullable Version current() {
    return document.current();
  }

  /** How often the servers were restored: what was under way then got no answer. */
  int restores() {
    return restores;
  }

  /** Whether a node shows what the store really holds. */
  boolean isLevel(Node node) {
    return !out && !deleted && !node.cutOff;
  }

  /**
   * Reads through a node.
   *
   * @param lag how old the proof is that the answer is new: a standby that is behind may show what
   *     stood then; a restore leaves nothing of before
   */
  Answer read(Node node, Duration lag) {
    if (node.cutOff) {
      if (node.shows == null) {
        throw new StoreUnavailableException("The node is not ready", "Wait.");
      }
      return new Answer(node.shows, node.clock(), null);
    }
    requireActive();
    if (deleted) {
      throw new LatchkeyException(LOCATION + " is deleted", "Undelete it.");
    }
    Duration behind = lag.compareTo(sinceRestore()) < 0 ? lag : sinceRestore();
    Version then = document.at(time.now().minus(behind));
    return new Answer(then == null ? current() : then, node.clock(), node.clock().minus(behind));
  }

  private Duration sinceRestore() {
    return Duration.between(restoredAt, time.now());
  }

  /**
   * Takes a write. As unhelpful as a store can be: where the document is deleted, it takes a new
   * one for the first.
   *
   * @param createdAt the time to give the version; null for the active node's
   */
  Answer write(Node node, String content, long expected, @Nullable Instant createdAt) {
    requireActive(node);
    Version current = current();
    long standing = (current == null || deleted) ? 0 : current.generation();
    if (deleted && expected != 0) {
      throw new LatchkeyException(LOCATION + " is deleted", "Undelete it.");
    }
    if (checksAndSets && standing != expected) {
      throw new WriteConflictException(LOCATION, expected);
    }
    Instant now = createdAt != null ? createdAt : active.clock();
    hold(new Version(content, expected + 1, now));
    return new Answer(current(), now, now);
  }

  /** The counter of uses, as it stands. */
  @Nullable Version readCounter(Node node) {
    requireActive(node);
    return counter.current();
  }

  Version writeCounter(Node node, String content, long expected) {
    requireActive(node);
    Version standing = counter.current();
    if (expected != (standing == null ? 0 : standing.generation())) {
      throw new WriteConflictException(LOCATION, expected);
    }
    Version written = new Version(content, expected + 1, active.clock());
    counter.set(time.now(), written);
    return written;
  }

  private void requireActive(Node node) {
    if (node.cutOff) {
      throw new StoreUnavailableException("The node finds no active one", "Wait.");
    }
    requireActive();
  }

  private void requireActive() {
    if (out) {
      throw new StoreUnavailableException("The store is out", "Wait.");
    }
  }

  void out(boolean out) {
    this.out = out;
  }

  /** The document is deleted, as by mistake, and can be undeleted. */
  void deleted(boolean deleted) {
    this.deleted = deleted && current() != null;
  }

  void cutOff(Node node) {
    node.cutOff = true;
    node.shows = current();
  }

  void heal(Node node) {
    node.cutOff = false;
  }

  /** Another node becomes the active one. */
  void failOver(Node to) {
    if (!to.cutOff) {
      active = to;
    }
  }

  boolean isActive(Node node) {
    return node == active;
  }

  /** Brings everything back to how it was at some time. */
  void restore(Instant backup) {
    Version then = document.at(backup);
    if (then != null) {
      restores++;
      restoredAt = time.now();
      hold(then);
      Version counted = counter.at(backup);
      if (counted != null) {
        counter.set(time.now(), counted);
      }
    }
  }

  private void hold(Version version) {
    document.set(time.now(), version);
    deleted = false;
  }

  /** The store itself, without any fault: for those who look at it from outside. */
  KeysetStore fromOutside() {
    return new KeysetStore() {
      @Override
      public Optional<StoredDocument> load(KeysetId keyset) {
        return Optional.ofNullable(current()).map(it -> it.document(time.now(), time.now()));
      }

      @Override
      public StoredDocument save(KeysetId keyset, String content, long expectedGeneration) {
        throw new UnsupportedOperationException();
      }

      @Override
      public String location(KeysetId keyset) {
        return LOCATION;
      }
    };
  }

  /** One version of the document; the same object for as long as it is the same version. */
  record Version(String content, long generation, Instant createdAt) {

    StoredDocument document(Instant readAt, @Nullable Instant provedAt) {
      return new StoredDocument(content, generation, createdAt, readAt, provedAt);
    }
  }

  /**
   * What a node answered.
   *
   * @param version null if nothing was ever written
   * @param readAt when, by the node's clock
   * @param provedAt as of when that is the newest, by the same clock; null if nobody knows
   */
  record Answer(@Nullable Version version, Instant readAt, @Nullable Instant provedAt) {

    boolean proved() {
      return provedAt != null;
    }
  }

  /** One of the store's servers. */
  final class Node {

    private Duration skew;
    private boolean cutOff;
    private @Nullable Version shows;

    private Node(Duration skew) {
      this.skew = skew;
    }

    Instant clock() {
      return time.now().plus(skew);
    }

    /** When this node's clock will show a time, or did. */
    Instant whenItIs(Instant shown) {
      return shown.minus(skew);
    }

    void setClock(Duration skew) {
      this.skew = skew;
    }
  }
}
