/** A small order service that keeps its keys and its database password out of sight. */
@NullMarked
package dev.latchkey.samples.quickstart;

import org.jspecify.annotations.NullMarked;
