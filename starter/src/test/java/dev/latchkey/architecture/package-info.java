/** The architecture as rules that fail the build, and classes that show that each rule can. */
@NullMarked
package dev.latchkey.architecture;

import org.jspecify.annotations.NullMarked;
