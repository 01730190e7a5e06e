/**
 * When and how keysets rotate: the policy, the next step as a pure function, and who performs it.
 */
@NullMarked
package dev.latchkey.rotation;

import org.jspecify.annotations.NullMarked;
