package dev.latchkey.env.internal;

import dev.latchkey.LatchkeyException;
import dev.latchkey.env.internal.text.SecretLookupException;
import dev.latchkey.env.internal.text.SecretLookupException.Failure;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.origin.Origin;

/**
 * One place in the environment that refers to a secret.
 *
 * @param reference the text of the reference, as it is asked for
 * @param hasFallback whether a colon follows it there
 * @param property the property that refers to it
 * @param origin the origin of that property, such as file and line
 */
record ReferenceUse(
    String reference, boolean hasFallback, String property, @Nullable Origin origin) {

  Failure failure(LatchkeyException cause) {
    return new Failure(reference, property, origin, cause);
  }

  /** Names each property that uses the reference, or none where it is used elsewhere. */
  static SecretLookupException failureOf(
      String reference, List<ReferenceUse> uses, LatchkeyException cause) {
    List<Failure> failures =
        uses.stream()
            .filter(use -> use.reference().equals(reference))
            .map(use -> use.failure(cause))
            .toList();
    return failures.isEmpty()
        ? new SecretLookupException(reference, null, null, cause)
        : new SecretLookupException(failures);
  }
}
