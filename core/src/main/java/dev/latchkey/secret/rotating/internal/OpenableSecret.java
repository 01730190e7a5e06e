package dev.latchkey.secret.rotating.internal;

import dev.latchkey.follow.internal.Followers;
import dev.latchkey.follow.internal.Following;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** A secret that is read when it is first used, and followed from then on. */
final class OpenableSecret {

  private final SecretFollower follower;
  private final Following following;
  private final Runnable onOpen;
  private volatile boolean open;

  /**
   * @param onOpen called once the secret has been read
   */
  OpenableSecret(SecretFollower follower, Followers followers, Runnable onOpen) {
    this.follower = follower;
    this.following = followers.follow(follower);
    this.onOpen = onOpen;
    follower.live().connect(this::open, following::refresh);
  }

  String name() {
    return follower.definition().name();
  }

  SecretFollower follower() {
    return follower;
  }

  boolean isOpen() {
    return open;
  }

  /**
   * Reads the secret, unless that has been done.
   *
   * @throws dev.latchkey.LatchkeyException if it cannot be read
   */
  void open() {
    if (openNow()) {
      onOpen.run();
    }
  }

  private synchronized boolean openNow() {
    if (open) {
      return false;
    }
    following.start(follower.open());
    open = true;
    return true;
  }

  /** Reads the secret again. */
  void rotate() {
    if (open) {
      follower.rotate();
      following.wake();
    } else {
      open();
    }
  }

  void loggedInAgain(Instant previousEndsAt) {
    if (follower.loggedInAgain(previousEndsAt)) {
      following.wake();
    }
  }

  CompletableFuture<@Nullable Void> close() {
    return following.stop(follower::close);
  }
}
