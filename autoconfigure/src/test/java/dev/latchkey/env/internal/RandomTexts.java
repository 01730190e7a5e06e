package dev.latchkey.env.internal;

import java.util.Random;

/** Random texts of the characters that have a meaning to Spring. */
public final class RandomTexts {

  private static final String ALPHABET = "${}#\\:@a1";

  private RandomTexts() {}

  public static String next(Random random) {
    StringBuilder text = new StringBuilder();
    for (int length = random.nextInt(17); length > 0; length--) {
      text.append(ALPHABET.charAt(random.nextInt(ALPHABET.length())));
    }
    return text.toString();
  }
}
