package dev.latchkey.env;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.origin.Origin;

/**
 * A use of a reference in the environment.
 *
 * @param reference the text of the reference, as requested
 * @param hasFallback whether a fallback follows it
 * @param property the property that contains the reference
 * @param origin the origin of the property, such as file and line
 */
record ReferenceUse(
    String reference, boolean hasFallback, String property, @Nullable Origin origin) {}
