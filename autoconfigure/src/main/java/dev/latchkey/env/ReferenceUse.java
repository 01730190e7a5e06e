package dev.latchkey.env;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.origin.Origin;

/**
 * One place in the environment that refers to a secret.
 *
 * @param reference the text of the reference, as it is asked for
 * @param hasFallback whether a colon follows it there
 * @param property the property that refers to it
 * @param origin where that property stands, such as file and line
 */
record ReferenceUse(
    String reference, boolean hasFallback, String property, @Nullable Origin origin) {}
