package dev.latchkey.follow.internal;

/**
 * A subject in a store that Latchkey follows, such as a secret. The engine never calls two methods
 * of one subject at the same time.
 *
 * @since 0.1
 */
public interface Followed {

  /** Names the subject in log lines, such as {@code Secret payments}. */
  String description();

  /** Does what is due. */
  Step step();

  /** Asks the store now, whether or not anything is due. By default, takes the next step early. */
  default Step refresh() {
    return step();
  }
}
