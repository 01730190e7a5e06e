/** A year in the life of a fleet and its store, simulated: see {@link Simulation}. */
@NullMarked
package dev.latchkey.key.rotation.internal.simulation;

import org.jspecify.annotations.NullMarked;
